"""A client with python3-websockets that says much the same again and again, compressed. Prints how many answers were right."""

import asyncio
import json
import sys

import websockets


async def main(url, count):
    right = 0
    async with websockets.connect(url, subprotocols=["chat"]) as socket:
        for number in range(count):
            message = f"the same words again and again, for the {number}th time " * 20
            await socket.send(message)
            right += await socket.recv() == message
            await asyncio.sleep(0.02)
        names = [extension.name for extension in socket.extensions]
    print(json.dumps({"right": right, "extensions": names}))


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
