"""Every command of the command API, as a method.

Each takes ``key`` (the idempotency key; made anew for each call where it is left out)
and, where a run exists, ``if_match`` (the run's version that the caller has seen).
Reports take ``occurred_at`` and ``actor`` for observed runs only: of a run of ours, the
service knows when and by whom.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, Unpack
from urllib.parse import quote

from runledger.models import (
    Answer,
    BatchAnswer,
    MadeToken,
    Registered,
    ReplayRequest,
    Tokens,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from runledger.transport import Transport

Json = Any
Members = dict[str, Any]


class Options(TypedDict, total=False):
    """What every command to a run takes beside its own members."""

    key: str | None
    if_match: int | None


class Commands:
    """Writes: everything here appends to the log, or is refused."""

    _transport: Transport

    def register_workflow(
        self, definition: Mapping[str, Json], *, key: str | None = None
    ) -> Registered:
        """Make it the workflow's newest version; if it is that, nothing changes."""
        path = self._transport.scoped("/workflows")
        found = self._transport.post(path, definition, key=key)
        return Registered.model_validate(found)

    def create_run(
        self,
        workflow: str,
        *,
        inputs: Json = None,
        start: bool = True,
        version: int | None = None,
        key: str | None = None,
    ) -> Answer:
        """A new run, by default of the newest version and started at once."""
        body = _said(workflow=workflow, inputs=inputs, version=version, start=start)
        path = self._transport.scoped("/runs")
        return Answer.model_validate(self._transport.post(path, body, key=key))

    def start_run(self, run_id: UUID | str, **options: Unpack[Options]) -> Answer:
        return self._run(run_id, "start", {}, **options)

    def pause_run(
        self, run_id: UUID | str, *, reason: str = "", **options: Unpack[Options]
    ) -> Answer:
        """Hold it: what runs may finish, nothing new starts."""
        return self._run(run_id, "pause", _said(reason=reason), **options)

    def continue_run(
        self, run_id: UUID | str, *, reason: str = "", **options: Unpack[Options]
    ) -> Answer:
        return self._run(run_id, "continue", _said(reason=reason), **options)

    def cancel_run(
        self,
        run_id: UUID | str,
        *,
        reason: str = "",
        force: bool = False,
        **options: Unpack[Options],
    ) -> Answer:
        body = _said(reason=reason, force=force or None)
        return self._run(run_id, "cancel", body, **options)

    def retry_run(
        self,
        run_id: UUID | str,
        *,
        retry_from: str = "failed",
        version: int | None = None,
        inputs: Json = None,
        accept_unsafe: bool = False,
        reason: str = "",
        **options: Unpack[Options],
    ) -> Answer:
        """A new run linked to this finished one: the answer is about the new one.

        ``retry_from``: ``failed`` (what did not complete), ``start``, ``step:NAME``;
        ``inputs``: other ones than the old run's; ``accept_unsafe``: that steps run
        again which ``retry_safety`` does not call safe.
        """
        body = _said(
            retry_from=retry_from,
            version=version,
            inputs=inputs,
            accept_unsafe=accept_unsafe or None,
            reason=reason,
        )
        return self._run(run_id, "retry", body, **options)

    def start_step(
        self,
        run_id: UUID | str,
        step: str,
        *,
        attempt: int | None = None,
        occurred_at: datetime | None = None,
        actor: str | None = None,
        **options: Unpack[Options],
    ) -> Answer:
        body = _said(attempt=attempt, occurred_at=_time(occurred_at), actor=actor)
        return self._step(run_id, step, "start", body, **options)

    def complete_step(
        self,
        run_id: UUID | str,
        step: str,
        *,
        output: Json = None,
        attempt: int | None = None,
        duration_us: int | None = None,
        occurred_at: datetime | None = None,
        actor: str | None = None,
        **options: Unpack[Options],
    ) -> Answer:
        body = _said(
            output=output,
            attempt=attempt,
            duration_us=duration_us,
            occurred_at=_time(occurred_at),
            actor=actor,
        )
        return self._step(run_id, step, "complete", body, **options)

    def fail_step(
        self,
        run_id: UUID | str,
        step: str,
        *,
        message: str = "",
        error_type: str = "Error",
        traceback: str = "",
        retryable: bool = True,
        attempt: int | None = None,
        duration_us: int | None = None,
        occurred_at: datetime | None = None,
        actor: str | None = None,
        **options: Unpack[Options],
    ) -> Answer:
        """The attempt failed; the rules say whether another one follows by itself."""
        body = _said(
            error={"type": error_type, "message": message, "traceback": traceback},
            retryable=retryable,
            attempt=attempt,
            duration_us=duration_us,
            occurred_at=_time(occurred_at),
            actor=actor,
        )
        return self._step(run_id, step, "fail", body, **options)

    def request_approval(
        self,
        run_id: UUID | str,
        step: str,
        *,
        output: Json = None,
        summary: str = "",
        approvers: Sequence[str] = (),
        required: int | None = None,
        attempt: int | None = None,
        occurred_at: datetime | None = None,
        actor: str | None = None,
        **options: Unpack[Options],
    ) -> Answer:
        """The attempt succeeded, and people are asked about its output.

        Without ``approvers`` and ``required`` the step's own policy counts.
        """
        policy = {"approvers": list(approvers), "required": required or 1}
        body = _said(
            output=output,
            summary=summary,
            policy=policy if approvers or required else None,
            attempt=attempt,
            occurred_at=_time(occurred_at),
            actor=actor,
        )
        return self._step(run_id, step, "request-approval", body, **options)

    def approve(
        self,
        run_id: UUID | str,
        step: str,
        *,
        comment: str = "",
        iteration: int | None = None,
        subject_digest: str | None = None,
        seen_version: int | None = None,
        form: Json = None,
        occurred_at: datetime | None = None,
        actor: str | None = None,
        **options: Unpack[Options],
    ) -> Answer:
        """Agree. A stale ``iteration`` or ``subject_digest`` is refused.

        ``form``: what the policy's form asks for; ``review`` tells its schema.
        """
        body = _said(
            comment=comment,
            iteration=iteration,
            subject_digest=subject_digest,
            seen_version=seen_version,
            form=form,
            occurred_at=_time(occurred_at),
            actor=actor,
        )
        return self._step(run_id, step, "approve", body, **options)

    def reject(
        self,
        run_id: UUID | str,
        step: str,
        *,
        comment: str = "",
        iteration: int | None = None,
        subject_digest: str | None = None,
        seen_version: int | None = None,
        form: Json = None,
        occurred_at: datetime | None = None,
        actor: str | None = None,
        **options: Unpack[Options],
    ) -> Answer:
        """Disagree. Once as many do as the policy says, ``on_reject`` follows."""
        body = _said(
            comment=comment,
            iteration=iteration,
            subject_digest=subject_digest,
            seen_version=seen_version,
            form=form,
            occurred_at=_time(occurred_at),
            actor=actor,
        )
        return self._step(run_id, step, "reject", body, **options)

    def delegate_approval(
        self,
        run_id: UUID | str,
        step: str,
        *,
        to: str,
        comment: str = "",
        iteration: int | None = None,
        **options: Unpack[Options],
    ) -> Answer:
        """Have somebody else decide in one's place, or hand back what one was given."""
        body = _said(to=to, comment=comment, iteration=iteration)
        return self._step(run_id, step, "delegate", body, **options)

    def redo_step(
        self,
        run_id: UUID | str,
        step: str,
        *,
        feedback: str = "",
        accept_unsafe: bool = False,
        **options: Unpack[Options],
    ) -> Answer:
        """Another iteration of the step, and of all that was built on it.

        ``accept_unsafe``: that steps run again which ``redo_safety`` does not call
        safe.
        """
        body = _said(feedback=feedback, accept_unsafe=accept_unsafe or None)
        return self._step(run_id, step, "redo", body, **options)

    def observe_run(
        self,
        workflow: str,
        *,
        source: str,
        external_id: str,
        run_id: UUID | str | None = None,
        version: int | None = None,
        inputs: Json = None,
        source_digest: str | None = None,
        occurred_at: datetime | None = None,
        actor: str | None = None,
        key: str | None = None,
    ) -> Answer:
        """Put a run on record that runs elsewhere."""
        body = _said(
            workflow=workflow,
            source=source,
            external_id=external_id,
            run_id=None if run_id is None else str(run_id),
            version=version,
            inputs=inputs,
            source_digest=source_digest,
            occurred_at=_time(occurred_at),
            actor=actor,
        )
        path = self._transport.scoped("/observed-runs")
        return Answer.model_validate(self._transport.post(path, body, key=key))

    def report(
        self,
        run_id: UUID | str,
        commands: Sequence[Members],
        **options: Unpack[Options],
    ) -> Answer:
        """Several commands to one run, each with its ``type``: all or none."""
        body = {"commands": list(commands)}
        return self._run(run_id, "commands", body, **options)

    def batch(self, items: Sequence[Members] | bytes) -> BatchAnswer:
        """Items of one run each, all or nothing per item: an answer for each.

        ``bytes`` are a whole body, made by one who sends many.
        """
        body = items if isinstance(items, bytes) else {"items": list(items)}
        found = self._transport.post(self._transport.scoped("/batch"), body)
        return BatchAnswer.model_validate(found)

    def replay_parked(self, run_id: UUID | str) -> ReplayRequest:
        """Apply a parked run's events again to the read models."""
        path = self._transport.scoped(f"/parked-runs/{run_id}/replay")
        return ReplayRequest.model_validate(self._transport.post(path, {}))

    def tokens(self) -> Tokens:
        """Of the namespace; their secrets are nowhere."""
        path = self._transport.scoped("/tokens")
        return Tokens.model_validate(self._transport.command_api("GET", path))

    def create_token(
        self,
        name: str,
        *,
        roles: Sequence[str],
        groups: Sequence[str] = (),
        expires_in_s: int | None = None,
    ) -> MadeToken:
        """A new token; its secret is in this answer and never again.

        ``groups``: of people, that its holder belongs to.
        """
        body = _said(
            name=name,
            roles=list(roles),
            groups=list(groups) or None,
            expires_in_s=expires_in_s,
        )
        found = self._transport.post(self._transport.scoped("/tokens"), body)
        return MadeToken.model_validate(found)

    def revoke_token(self, token_id: UUID | str) -> None:
        path = self._transport.scoped(f"/tokens/{token_id}")
        self._transport.command_api("DELETE", path)

    def _step(
        self,
        run_id: UUID | str,
        step: str,
        verb: str,
        body: Members,
        **options: Unpack[Options],
    ) -> Answer:
        verb = f"steps/{quote(step, safe='')}/{verb}"
        return self._run(run_id, verb, body, **options)

    def _run(
        self,
        run_id: UUID | str,
        verb: str,
        body: Members,
        *,
        key: str | None = None,
        if_match: int | None = None,
    ) -> Answer:
        path = self._transport.scoped(f"/runs/{run_id}/{verb}")
        found = self._transport.post(path, body, key=key, if_match=if_match)
        return Answer.model_validate(found)


def _said(**members: Json) -> Members:
    """Without what was not given: the service knows the defaults."""
    return {name: value for name, value in members.items() if value is not None}


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
