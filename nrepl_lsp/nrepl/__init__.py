"""
A client for nREPL servers, on asyncio and the standard library alone.

    async with await connect("nrepl://127.0.0.1:7888") as connection:
        session = await connection.clone()
        result = await session.eval("(+ 1 2)").result()
        print(result.values)  # ('3',)

`docs/client-library.md` has an example for everything here.
"""

from .address import DEFAULT_PORT, Address
from .bencode import Limits
from .capabilities import Capabilities
from .codec import BencodeCodec, Codec
from .connection import Connection, connect
from .errors import (
    AddressError,
    ConnectFailed,
    ConnectionLost,
    DecodeError,
    EdnError,
    EncodeError,
    LimitExceeded,
    NreplError,
    OpFailed,
    RequestTimeout,
    UnknownOp,
    UnknownSession,
)
from .evaluation import Evaluation
from .events import (
    Done,
    EvaluationEvent,
    EvaluationResult,
    Failed,
    Interrupted,
    NeedInput,
    Output,
    OutputCut,
    Value,
)
from .messages import Message, present, status_of
from .probe import probe
from .protocol import Delivery, Protocol, Standing
from .recording import Exchange, Recorder, read_exchanges
from .replay import Replay, ReplayServer
from .responses import Reply, Responses
from .schemes import register
from .session import Session
from .subscription import ABSENT, ANY, Pattern, Subscription, one_of
from .transport import ByteStream, MemoryStream, Sink, open_tcp, open_unix

__all__ = [
    "ABSENT",
    "ANY",
    "DEFAULT_PORT",
    "Address",
    "AddressError",
    "BencodeCodec",
    "ByteStream",
    "Capabilities",
    "Codec",
    "ConnectFailed",
    "Connection",
    "ConnectionLost",
    "DecodeError",
    "Delivery",
    "Done",
    "EdnError",
    "EncodeError",
    "Evaluation",
    "EvaluationEvent",
    "EvaluationResult",
    "Exchange",
    "Failed",
    "Interrupted",
    "LimitExceeded",
    "Limits",
    "MemoryStream",
    "Message",
    "NeedInput",
    "NreplError",
    "OpFailed",
    "Output",
    "OutputCut",
    "Pattern",
    "Protocol",
    "Recorder",
    "Replay",
    "ReplayServer",
    "Reply",
    "RequestTimeout",
    "Responses",
    "Session",
    "Sink",
    "Standing",
    "Subscription",
    "UnknownOp",
    "UnknownSession",
    "Value",
    "connect",
    "one_of",
    "open_tcp",
    "open_unix",
    "present",
    "probe",
    "read_exchanges",
    "register",
    "status_of",
]
