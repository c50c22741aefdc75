"""Slack's numbers as its documentation states them, written down independently of the bot's own validator.

Lengths are characters, durations seconds. Sources: docs.slack.dev, reference/block-kit (blocks, elements and
composition objects), reference/views, reference/methods, apis/web-api/rate-limits, apis/events-api and
interactivity/handling-user-interaction. Two numbers are measured rather than documented; their comments say so.
"""

# Acknowledgement, trigger_id and response_url (interactivity/handling-user-interaction)
ACK_SECONDS = 3.0
TRIGGER_SECONDS = 3.0
RESPONSE_URL_USES = 5
RESPONSE_URL_SECONDS = 30 * 60.0

# Messages (reference/methods/chat.postMessage, chat.update)
MESSAGE_BLOCKS = 50
MESSAGE_TEXT_ADVISED = 4_000
MESSAGE_TEXT_CUT = 40_000
UPDATE_TEXT = 4_000
# Measured, not documented (slackapi/bolt-js issue 2509): about 13,000 characters for all blocks of a message together,
# of which each further block costs about 125 even when it holds no text.
MESSAGE_BLOCKS_TEXT = 13_000
MESSAGE_BLOCK_COST = 125
MARKDOWN_TEXT = 12_000

# Views (reference/views)
VIEW_BLOCKS = 100
VIEW_TITLE = 24
VIEW_BUTTON = 24
PRIVATE_METADATA = 3_000
CALLBACK_ID = 255
VIEW_STACK = 3
VIEW_BYTES = 250_000

# Blocks (reference/block-kit/blocks)
BLOCK_ID = 255
SECTION_TEXT = 3_000
SECTION_FIELDS = 10
FIELD_TEXT = 2_000
HEADER_TEXT = 150
ACTIONS_ELEMENTS = 25
CONTEXT_ELEMENTS = 10
TEXT_OBJECT = 3_000
IMAGE_URL = 3_000
ALT_TEXT = 2_000
IMAGE_TITLE = 2_000
INPUT_LABEL = 2_000
INPUT_HINT = 2_000
TABLE_ROWS = 100
TABLE_COLUMNS = 20
RICH_TEXT_INDENT = 8

# Elements and composition objects (reference/block-kit/block-elements, composition-objects)
ACTION_ID = 255
BUTTON_TEXT = 75
BUTTON_VALUE = 2_000
BUTTON_URL = 3_000
ACCESSIBILITY_LABEL = 75
OPTIONS = 100
OPTION_TEXT = 75
OPTION_VALUE = 150
OPTION_DESCRIPTION = 75
OPTION_URL = 3_000
OPTION_GROUPS = 100
OPTION_GROUP_LABEL = 75
OVERFLOW_OPTIONS = 5
CHOICE_OPTIONS = 10
PLACEHOLDER = 150
INPUT_TEXT = 3_000
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
CONFIRM_BUTTON = 30

# Rate limits (apis/web-api/rate-limits): calls a minute for each tier; posting is counted a channel.
TIER_1 = 1
TIER_2 = 20
TIER_3 = 50
TIER_4 = 100
SPECIAL = 600
POST_A_SECOND = 1.0
# "Short bursts of more than one a second are allowed" is all the documentation says; five is our reading of short.
POST_BURST = 5

# Events (apis/events-api): the first retry follows at once, then after a minute, then after five.
EVENT_RETRIES = (0.0, 60.0, 300.0)

# Socket Mode (apis/events-api/using-socket-mode)
SOCKET_CONNECTIONS = 10
SOCKET_TICKET_SECONDS = 30.0

# Paging (reference/methods/conversations.history): more than this is `invalid_limit`.
PAGE_DEFAULT = 100
PAGE_MOST = 999
