"""
A client of python-socketio, as its users write one; says what happens to it as lines of JSON on standard output.

Arguments: which client (sync or async), the server's URL, a token, the project to join, the transports. It joins with the
position it has whenever it is connected. On standard input `write TASK STATUS` is a call, `token TOKEN` what it is to enter
with from then on, `flood COUNT` says so many pings without waiting, `wait` says when the connection is over for good, `leave`
ends it.
"""
import asyncio
import inspect
import json
import sys
import threading

import socketio

kind, url, token, project_id, transports = sys.argv[1:]
backoff = {"reconnection_delay": 0.05, "reconnection_delay_max": 0.2}
sio = socketio.AsyncClient(**backoff) if kind == "async" else socketio.Client(**backoff)
since = None
lock = threading.Lock()


def say(event, **what):
    with lock:
        print(json.dumps({"event": event, **what}), flush=True)


async def settle(result):
    return await result if inspect.isawaitable(result) else result


def on(event, handler):
    """Handlers of the one client are functions, of the other coroutines."""
    sio.on(event, handler if kind == "async" else lambda *args: asyncio.run(handler(*args)))


async def connected(data):
    global since
    say("connected", data=data)
    # The person's project, from where this client was.
    join = {"project_id": project_id, **({"since": since} if since else {})}
    answer = await settle(sio.call("join_project", join, timeout=20))
    if answer["ok"]:
        since = {"epoch": answer["data"]["epoch"], "seq": answer["data"]["seq"]}
    say("joined", answer=answer)


async def task_updated(data):
    since["seq"] = data["_meta"]["seq"]
    say("task_updated", data=data)


async def task_status_changed(data):
    since["seq"] = data["_meta"]["seq"]
    say("task_status_changed", data=data)


async def refused(data):
    say("refused", data=data)


async def disconnected():
    say("disconnected")


on("connected", connected)
on("task_updated", task_updated)
on("task_status_changed", task_status_changed)
on("connect_error", refused)
on("disconnect", disconnected)


async def main():
    global token
    try:
        await settle(sio.connect(url, auth=lambda: {"token": token}, transports=transports.split(",")))
    except socketio.exceptions.ConnectionError as error:
        return say("failed", message=str(error))
    loop = asyncio.get_running_loop()
    while line := (await loop.run_in_executor(None, sys.stdin.readline)).split():
        if line[0] == "leave":
            break
        if line[0] == "token":
            token = line[1]
            say("renewed")
            continue
        if line[0] == "flood":
            for _ in range(int(line[1])):
                await settle(sio.emit("ping"))
            continue
        if line[0] == "wait":
            await settle(sio.wait())
            say("over")
            continue
        change = {"task_id": line[1], "status": line[2]}
        say("answer", answer=await settle(sio.call("task_status_update", change, timeout=20)))
    await settle(sio.disconnect())
    say("left")


asyncio.run(main())
