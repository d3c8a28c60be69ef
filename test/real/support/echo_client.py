"""A client with python3-websockets: what it sends must come back. Prints one JSON object, and fails loudly."""

import asyncio
import json
import sys

import websockets


async def main(url):
    async with websockets.connect(url, subprotocols=["chat"], max_size=2**22) as socket:
        echoes = {}
        for name, message in [
            ("empty", ""),
            ("text", "héllo, wörld 😀"),
            ("binary", bytes(range(256))),
            ("large", "0123456789abcdef" * 65536),
        ]:
            await socket.send(message)
            echoes[name] = await socket.recv() == message
        # A list goes out as one fragmented message.
        await socket.send(["frag", "men", "ted"])
        echoes["fragments"] = await socket.recv() == "fragmented"
        pong = await socket.ping(b"are you there")
        await asyncio.wait_for(pong, 10)
        names = [extension.name for extension in socket.extensions]
        await socket.close(4001, "done")
    print(json.dumps({**echoes, "subprotocol": socket.subprotocol, "extensions": names, "code": socket.close_code}))


asyncio.run(main(sys.argv[1]))
