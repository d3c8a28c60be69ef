"""An echo server with python3-websockets: prints its port, then a line for each connection that has ended."""

import asyncio

import websockets


async def echo(socket):
    try:
        async for message in socket:
            if message == "in pieces":
                await socket.send(["one ", "two ", "three"])
            elif message == "close":
                await socket.close(4002, "as you wish")
            else:
                await socket.send(message)
    except websockets.ConnectionClosedError:
        # So it calls a close with any code but 1000 and 1001; the code is printed below.
        pass
    names = ",".join(extension.name for extension in socket.extensions)
    print("ended", socket.close_code, socket.close_reason, socket.subprotocol, names, flush=True)


async def main():
    async with websockets.serve(echo, "127.0.0.1", 0, subprotocols=["chat"], max_size=2**22) as server:
        print("port", server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


asyncio.run(main())
