"""Plain LSP data as lsprotocol's types, and what is said of data that does not fit."""

import logging
from functools import cache
from typing import Any

from cattrs import Converter, transform_error
from lsprotocol import types
from lsprotocol.converters import get_converter
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

__all__ = ["client_error", "explained", "shared_converter", "structured_params"]

logger = logging.getLogger(__name__)


@cache
def shared_converter() -> Converter:
    """The converter of all servers in this process; building one takes 15 to 30 ms."""
    return get_converter()


def structured_params(converter: Converter, method: str, params: Any) -> Any:
    """The parameters as the type that LSP gives to the method; unknown methods' as they are.

    Raises `JsonRpcInvalidParams`.
    """
    if method == types.WORKSPACE_EXECUTE_COMMAND and isinstance(params, dict):
        # cattrs would take {} for no arguments, and the last place would be evaluated.
        if not isinstance(params.get("arguments"), list | None):
            raise JsonRpcInvalidParams("Invalid Params: arguments must be a list")
    known = types.METHOD_TO_TYPES.get(method)
    params_type = known[2] if known is not None else None
    if not isinstance(params_type, type):
        return params
    try:
        return converter.structure(params, params_type)
    except Exception as error:
        if method == types.INITIALIZE and isinstance(params, dict):
            return _initialize(converter, params)
        raise JsonRpcInvalidParams(f"Invalid Params: {explained(error)}") from error


def _initialize(converter: Converter, params: dict[str, Any]) -> types.InitializeParams:
    """`initialize` without the capabilities that cannot be read: newer than our lsprotocol."""
    capabilities = params.get("capabilities")
    sound: dict[str, dict[str, Any]] = {}
    for part, members in capabilities.items() if isinstance(capabilities, dict) else ():
        for name, member in members.items() if isinstance(members, dict) else ():
            try:
                converter.structure({part: {name: member}}, types.ClientCapabilities)
            except Exception as error:
                logger.warning("Ignoring the capability %s.%s: %s", part, name, explained(error))
            else:
                sound.setdefault(part, {})[name] = member
    try:
        return converter.structure({**params, "capabilities": sound}, types.InitializeParams)
    except Exception as error:
        raise JsonRpcInvalidParams(f"Invalid Params: {explained(error)}") from error


def explained(error: BaseException) -> str:
    """What did not fit, and where, in one line."""
    return "; ".join(transform_error(error, path="message")[:3])


def client_error(error: Any) -> JsonRpcException:
    """The error that the client has answered with."""
    if not isinstance(error, dict):
        return JsonRpcException(f"the client answered with the error {error!r}")
    code = error.get("code")
    return JsonRpcException(
        str(error.get("message", "")), code if isinstance(code, int) else None, error.get("data")
    )
