"""A real mail server on loopback, and the worker that sends to it."""

from aiosmtpd.handlers import Message
from procrastinate.contrib.django import app


class Inbox(Message):
    def __init__(self) -> None:
        super().__init__()
        self.mails: list = []

    def handle_message(self, message) -> None:
        self.mails.append(message)


def work() -> None:
    """Run what waits, as the worker of script/server does, and end."""
    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        worker.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
