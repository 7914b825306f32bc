"""What is said in a chat, as plain data: commands that people type, and the forms and cards they get.

A command is written once. Each adapter draws these views natively, with one pure function a kind. What *opens* is a plain
function, because a modal must be on screen within three seconds and cannot follow a deferral: it returns a Form, a Card
or a Then. Every *step* is async and returns a Card.
"""

from __future__ import annotations

from bot.chat.commands import (
    Checker,
    Command,
    Opener,
    Option,
    Reader,
    Step,
    Stepper,
    Suggester,
)
from bot.chat.people import (
    Answers,
    Context,
    Person,
    Place,
    Scene,
)
from bot.chat.views import (
    LONGEST_VALUE,
    MOST_FIELDS,
    Action,
    Button,
    Card,
    ChecksField,
    Choice,
    ChoiceField,
    Field,
    Form,
    Link,
    Opening,
    Progress,
    Select,
    TextField,
    Then,
)

__all__ = [
    "LONGEST_VALUE",
    "MOST_FIELDS",
    "Action",
    "Answers",
    "Button",
    "Card",
    "Checker",
    "ChecksField",
    "Choice",
    "ChoiceField",
    "Command",
    "Context",
    "Field",
    "Form",
    "Link",
    "Opener",
    "Opening",
    "Option",
    "Person",
    "Place",
    "Progress",
    "Reader",
    "Scene",
    "Select",
    "Step",
    "Stepper",
    "Suggester",
    "TextField",
    "Then",
]
