"""Why a broker says no; the API gives each its status (Open Service Broker API 2.17, "Service Broker Errors").

TesseraError
├── Malformed            a field is missing or wrong, an id is unknown         400
├── Absent               there is no such instance or binding                  404
├── Clash                the id is taken by something with other attributes    409
├── Gone                 it is not there (any more)                            410
├── NeedsAsync           this takes longer than a request may                  422 AsyncRequired
├── Busy                 another operation on it is under way                  422 ConcurrencyError
├── MaintenanceConflict  the maintenance version is not that of the catalog    422 MaintenanceInfoConflict
└── Unsupported          this change is not possible for that instance         422
"""

from commands.base.errors import TesseraError


class Malformed(TesseraError):
    """The request cannot be understood; nothing has changed."""


class Absent(TesseraError):
    """There is no such instance or binding, or it is not there yet."""


class Clash(TesseraError):
    """The id belongs to something that was asked for with other attributes."""


class Gone(TesseraError):
    """What should be removed is not there."""


class NeedsAsync(TesseraError):
    """The platform must poll for this (`accepts_incomplete=true`)."""


class Busy(TesseraError):
    """Another operation on the same thing is under way."""


class MaintenanceConflict(TesseraError):
    """The maintenance version asked for is not the catalog's."""


class Unsupported(TesseraError):
    """The change that was asked for is not possible."""


class Conflict(Exception):
    """Somebody else stored the record meanwhile: read it anew. Never reaches a person."""
