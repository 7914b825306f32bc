"""The REST side of interactions: the first answer within three seconds, and what follows it for fifteen minutes."""

from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.platforms.discord import bodies, refusals
from tests.platforms.discord.rest import CREATE_FLAGS, answer, body_of, number_in
from tests.platforms.discord.world import (
    ANSWER_WITHIN,
    AUTOCOMPLETE,
    CHOICES,
    COMPONENT,
    DEFERRED_MESSAGE,
    DEFERRED_UPDATE,
    MESSAGE,
    MODAL,
    MODAL_SUBMIT,
    TOKEN_LIVES,
    UPDATE,
    Interaction,
    Post,
)

if TYPE_CHECKING:
    from tests.platforms.discord.stand_in import DiscordStandIn


class Answers:
    """The routes that need an interaction's own token instead of the bot's."""

    def __init__(self, stand_in: "DiscordStandIn") -> None:
        self._world = stand_in

    def routes(self) -> list[web.RouteDef]:
        """Give the routes, without the version prefix."""
        return [
            web.post("/interactions/{interaction}/{token}/callback", self.callback),
            web.post("/webhooks/{application}/{token}", self.follow_up),
            web.get("/webhooks/{application}/{token}/messages/{message}", self.get_message),
            web.patch("/webhooks/{application}/{token}/messages/{message}", self.edit_message),
            web.delete("/webhooks/{application}/{token}/messages/{message}", self.delete_message),
        ]

    async def callback(self, request: web.Request) -> web.Response:
        """Take the first answer."""
        interaction = self._world.interactions.get(request.match_info["token"])
        if interaction is None or interaction.id != number_in(request, "interaction"):
            raise refusals.unknown_interaction()
        kind = self.first(interaction, await body_of(request))
        if request.query.get("with_response") not in ("1", "true"):
            return web.Response(status=204)
        return answer(_outcome(interaction, kind))

    def first(self, interaction: Interaction, raw: object) -> int:
        """Take the first answer, by whichever way it came, and give its type."""
        if interaction.answered is not None:
            raise refusals.already_acknowledged()
        if interaction.failed or self._world.clock.now() - interaction.born > ANSWER_WITHIN:
            raise refusals.unknown_interaction()
        faults = refusals.Faults()
        body = faults.mapping(raw, (), ("type", "data"), ("type",))
        kind: int = faults.one_of(body.get("type"), ("type",), _possible(interaction))
        faults.settle()
        self._take(interaction, kind, body.get("data") or {})
        interaction.answered = kind
        if interaction.type == MODAL_SUBMIT:
            interaction.person.opened(None, None)
        if kind == MODAL:
            interaction.person.opened(interaction.modal, interaction)
        self._world.changes.notify()
        return kind

    def _take(self, interaction: Interaction, kind: int, data: Any) -> None:
        if kind == MESSAGE:
            body = bodies.message(data, ("data",), flags=CREATE_FLAGS | bodies.EPHEMERAL)
            post = interaction.post(self._world.clock, self._world.bot, body.get("flags") or 0)
            post.change(body)
            if post.empty:
                raise refusals.empty_message()
            interaction.original = post
            self._world.add(post)
        elif kind == DEFERRED_MESSAGE:
            body = bodies.message(data, ("data",), flags=bodies.EPHEMERAL)
            flags = (body.get("flags") or 0) | bodies.LOADING
            interaction.original = interaction.post(self._world.clock, self._world.bot, flags)
            self._world.add(interaction.original)
        elif kind == UPDATE and interaction.source is not None:
            self._world.edit(interaction.source, bodies.message(data, ("data",), flags=bodies.SUPPRESS_EMBEDS))
            interaction.original = interaction.source
        elif kind == DEFERRED_UPDATE:
            interaction.original = interaction.source
        elif kind == CHOICES:
            interaction.choices = bodies.choices(data, ("data",), interaction.option_type or 0)
        elif kind == MODAL:
            interaction.modal = bodies.modal(data, ("data",))

    def _answered(self, request: web.Request) -> Interaction:
        interaction = self._world.interactions.get(request.match_info["token"])
        if interaction is None or number_in(request, "application") != self._world.application_id:
            raise refusals.unknown_webhook()
        if self._world.clock.now() - interaction.born > TOKEN_LIVES:
            raise refusals.token_expired()
        if interaction.answered is None:
            raise refusals.unknown_webhook()
        return interaction

    def _message(self, request: web.Request) -> tuple[Interaction, Post]:
        interaction = self._answered(request)
        wanted = request.match_info["message"]
        mine = [*([interaction.original] if interaction.original else []), *interaction.followups]
        for post in mine:
            is_original = wanted == "@original" and post is interaction.original
            if (is_original or wanted == str(post.id)) and not post.deleted:
                return interaction, post
        raise refusals.unknown_message()

    async def follow_up(self, request: web.Request) -> web.Response:
        """Post another message; the first one after a deferral takes the place of "is thinking"."""
        interaction = self._answered(request)
        body = bodies.message(await body_of(request), flags=CREATE_FLAGS | bodies.EPHEMERAL)
        if interaction.original is not None and interaction.original.loading:
            post = interaction.original
            self._world.edit(post, body)
        else:
            post = interaction.post(self._world.clock, self._world.bot, body.get("flags") or 0)
            post.change(body)
            if post.empty:
                raise refusals.empty_message()
            interaction.followups.append(post)
            self._world.add(post)
        interaction.later += 1
        self._world.changes.notify()
        return answer(post.wire())

    async def get_message(self, request: web.Request) -> web.Response:
        """Give the first answer or a later one."""
        return answer(self._message(request)[1].wire())

    async def edit_message(self, request: web.Request) -> web.Response:
        """Edit the first answer or a later one."""
        interaction, post = self._message(request)
        self._world.edit(post, bodies.message(await body_of(request), flags=bodies.SUPPRESS_EMBEDS))
        interaction.later += 1
        self._world.changes.notify()
        return answer(post.wire())

    async def delete_message(self, request: web.Request) -> web.Response:
        """Delete the first answer or a later one."""
        interaction, post = self._message(request)
        post.deleted = True
        interaction.later += 1
        self._world.changes.notify()
        return web.Response(status=204)


def _possible(interaction: Interaction) -> tuple[int, ...]:
    if interaction.type == AUTOCOMPLETE:
        return (CHOICES,)
    possible: tuple[int, ...] = (MESSAGE, DEFERRED_MESSAGE)
    if interaction.type == COMPONENT or interaction.source is not None:
        possible += (DEFERRED_UPDATE, UPDATE)
    return possible if interaction.type == MODAL_SUBMIT else (*possible, MODAL)


def _outcome(interaction: Interaction, kind: int) -> dict[str, Any]:
    told: dict[str, Any] = {"id": str(interaction.id), "type": interaction.type}
    if interaction.original is not None:
        told["response_message_id"] = str(interaction.original.id)
        told["response_message_loading"] = interaction.original.loading
        told["response_message_ephemeral"] = interaction.original.viewer is not None
    outcome: dict[str, Any] = {"interaction": told}
    if kind in (MESSAGE, UPDATE) and interaction.original is not None:
        outcome["resource"] = {"type": kind, "message": interaction.original.wire()}
    return outcome
