"""Options that several commands share, so that they read alike everywhere."""

from typing import Annotated

import typer

from bot.terminal.output import Output

Namespace = Annotated[str, typer.Option("-n", "--namespace", help="Namespace; the context's own by default.")]
Context = Annotated[str, typer.Option("--context", help="Kubeconfig context; the current one by default.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port of the page; 0 takes a free one.")]
OutputOption = Annotated[Output, typer.Option("-o", "--output", help="`text`, `json` for scripts, `html` to attach.")]
ProbeImage = Annotated[
    str,
    typer.Option(envvar="TESSERA_PROBE_IMAGE", help="Image of the one-time pod for live probes: nc, wget, nslookup."),
]
PROBE_IMAGE = "busybox:1.36"
RUN = "Run the bot"
"""The panel of the help for what answers no question itself."""
