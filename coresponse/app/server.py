"""The page's server: addresses, and what each answers."""

from __future__ import annotations

import secrets
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import FastAPI, Header, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

from coresponse.app.base import base, scales, today_evaluated
from coresponse.app.bodies import TITLE, AskedJob, AskedLive, AskedPlace, AskedReport, NewName
from coresponse.app.changes import FilesRead
from coresponse.app.files import (
    KINDS,
    NOT_SHOWN,
    PAGES,
    compared,
    file_stem,
    plan_file,
    result_file,
    result_pages,
)
from coresponse.app.folder_plan import keep_folder_plan
from coresponse.app.guard import RESULT_POLICY, Gate, Guard
from coresponse.app.live import Live
from coresponse.app.new_posts import with_new_posts
from coresponse.app.page_parts import page_parts, start_page
from coresponse.app.plans import PlanStore
from coresponse.app.pool import BusyError, Job, SearchPool, Work
from coresponse.app.prepared import PreparedStudy, prepare
from coresponse.app.question import Question
from coresponse.app.reach import reach_of_post
from coresponse.data.date_line import eastward
from coresponse.data.errors import CoresponseError
from coresponse.data.posts_move import snap_place
from coresponse.data.toml import fault_words
from coresponse.maps.escape import clean_text
from coresponse.study.folder import StudyFolder

# a tab asks for one: who asks without end may not fill the memory
MOST_SESSIONS = 1000
Session = Annotated[str, Header(alias="x-session", min_length=8, max_length=64)]


class Studio:
    """A study on the page: prepared in the background, then with workers."""

    def __init__(self, folder: StudyFolder, work: Work, workers: int) -> None:
        self.folder, self.work, self.workers = folder, work, workers
        self.plans = PlanStore(folder.path)
        self.study: PreparedStudy | None = None
        self.pool: SearchPool | None = None
        self.live: Live | None = None
        self.read: FilesRead | None = None
        self.shown: dict[str, Any] = {}
        self.today: dict[str, Any] | None = None
        self.error = ""
        self.stage: tuple[str, float, float] = ("opening the study", 0.0, 1.0)
        self.sessions: set[str] = set()
        self.closed = False

    def open(self) -> None:
        """Read and prepare the study; runs in a thread of its own."""
        try:
            study = prepare(self.folder, workers=self.workers, progress=self._progress)
            self._progress("drawing the city", 0, 1)
            shown, today = base(study), today_evaluated(study)
            keep_folder_plan(study, self.plans)
        except (CoresponseError, OSError) as error:
            self.error = str(error)
        except MemoryError:
            self.error = "this machine has too little memory for the study"
        except Exception as error:
            self.error = (
                f"the study could not be opened ({type(error).__name__}); the terminal says more"
            )
            raise
        else:
            self.shown, self.today = shown, today
            self.read = FilesRead(self.folder.path, study.hashes)
            self.live = Live(study)
            self.pool = SearchPool(study, self.work, self.workers, self._keep)
            self.study = study
            if self.closed:
                self.pool.close()

    def close(self) -> None:
        """End the workers."""
        self.closed = True
        if self.pool is not None:
            self.pool.close()

    def _progress(self, stage: str, done: float, total: float) -> None:
        self.stage = (stage.partition(" -- ")[0], float(done), float(total))

    def _keep(self, job: Job, result: dict[str, Any]) -> str:
        if job.kind == "report":
            self.plans.change(job.plan, run=str(result["run"]))
            return job.plan
        study = self.ready()[0]
        content = {"asked": job.question.model_dump(), "fingerprint": study.fingerprint, **result}
        return self.plans.add(content, clean_text(job.name, limit=TITLE))

    def ready(self) -> tuple[PreparedStudy, SearchPool]:
        """Return what searches need.

        Raises
        ------
        HTTPException
            While the study is being prepared.
        """
        if self.study is None or self.pool is None:
            raise HTTPException(503, self.error or "the study is still being prepared")
        return self.study, self.pool

    def plan(self, plan_id: str) -> dict[str, Any]:
        """Return a plan.

        Raises
        ------
        HTTPException
            If there is none such.
        """
        found = self.plans.get(plan_id)
        if found is None:
            raise HTTPException(404, "there is no such plan")
        return found

    def session(self, name: str) -> str:
        """Return a session's name if it was given out here.

        Raises
        ------
        HTTPException
            If it was not.
        """
        if name not in self.sessions:
            raise HTTPException(409, "this page is older than its server: load it again")
        return name


def make_app(folder: StudyFolder, gate: Gate, work: Work, *, workers: int = 2) -> ASGIApp:
    """Make the server of a study's page.

    Parameters
    ----------
    work
        What each of the `workers` runs.

    Raises
    ------
    InputError
        If the study's folder for plans is not one.
    """
    studio = Studio(folder, work, workers)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        threading.Thread(target=studio.open, daemon=True).start()
        yield
        studio.close()

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=life)
    app.add_middleware(GZipMiddleware, minimum_size=20_000)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(StarletteHTTPException, _refused)
    app.add_exception_handler(CoresponseError, _wrong)
    _pages(app, gate)
    _study(app, studio)
    _while_dragging(app, studio)
    _results(app, studio)
    _searches(app, studio)
    _plans(app, studio)
    _downloads(app, studio)
    return Guard(app, gate)


def _pages(app: FastAPI, gate: Gate) -> None:
    """Serve the page and its parts: all are read once, so no address can reach any other file."""
    page, parts = start_page(), page_parts()
    kinds = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}

    @app.get("/")
    def start(request: Request, token: str = "") -> Response:
        if not token:
            return HTMLResponse(page)
        # by way of a page of our own, so that the next request is ours and brings the cookie; the
        # key leaves the address
        reply = HTMLResponse(
            '<!doctype html><html lang="en"><title>coresponse</title><link rel="icon" '
            'href="data:,"><meta http-equiv="refresh" content="0;url=./">'
        )
        secure = gate.secure(request.state.host)
        if gate.right(token):
            # without a path the browser takes that of the address: under a proxy's /coresponse/ no
            # other page of that host is sent the key
            reply.set_cookie(
                gate.cookie, gate.token, httponly=True, samesite="strict", path=None, secure=secure
            )
        return reply

    @app.get("/app/{name}")
    def part(name: str) -> Response:
        if name not in parts:
            raise HTTPException(404, "there is no such page")
        return Response(parts[name], media_type=kinds[name.rpartition(".")[2]])


def _study(app: FastAPI, studio: Studio) -> None:
    @app.get("/api/state")
    def state() -> dict[str, Any]:
        stage, done, total = studio.stage
        share = min(1.0, done / total) if total > 0 else 0.0
        return {
            "ready": studio.study is not None,
            "stage": stage,
            "share": share,
            "error": studio.error,
        }

    @app.get("/api/study")
    def study() -> JSONResponse:
        studio.ready()
        return JSONResponse(studio.shown)

    @app.get("/api/today")
    def today() -> JSONResponse:
        studio.ready()
        return JSONResponse(studio.today)

    @app.post("/api/session")
    def session() -> dict[str, str]:
        if len(studio.sessions) >= MOST_SESSIONS:
            studio.sessions.pop()
        name = secrets.token_urlsafe(16)
        studio.sessions.add(name)
        return {"session": name}


def _while_dragging(app: FastAPI, studio: Studio) -> None:
    @app.post("/api/live")
    def live(asked: AskedLive, x_session: Session) -> dict[str, Any]:
        studio.ready()
        session = studio.session(x_session)
        if studio.live is None:
            raise HTTPException(503, "the study is still being prepared")
        try:
            if not asked.replay:
                return {"figures_if_free": studio.live.estimate(asked.asked, asked.bought)}
            return studio.live.replayed(session, asked.asked, asked.bought) or {"superseded": True}
        except CoresponseError as error:  # a place on the way of a drag may be none: no fault
            return {"refused": clean_text(str(error))}

    @app.post("/api/place")
    def place(asked: AskedPlace) -> dict[str, Any]:
        case = studio.ready()[0].case
        if asked.new is None and asked.post_id not in set(case.city.posts.frame["post_id"]):
            raise HTTPException(404, "there is no such post")
        place = (asked.longitude, asked.latitude)
        try:
            if asked.new is not None:
                case = with_new_posts(case, {asked.post_id: asked.new})
            snapped = snap_place(case.city.roads, *place, snap_max_m=case.city.post_snap_max_m)
        except CoresponseError as error:  # a hand may end in a river: no fault
            return {"refused": clean_text(str(error))}
        return {
            "lon": round(float(eastward(snapped.longitude)), 6),
            "lat": round(snapped.latitude, 6),
            "snap_m": round(snapped.snap_m, 1),
            "reach": reach_of_post(case.with_(moved={asked.post_id: place}), asked.post_id),
            "reach_before": reach_of_post(case, asked.post_id),
        }


def _results(app: FastAPI, studio: Studio) -> None:
    @app.get("/api/results")
    def results() -> list[dict[str, Any]]:
        return result_pages(studio.folder.results)

    @app.get("/results/{run}/{name}")
    def result(run: str, name: str) -> Response:
        with result_file(studio.folder.results, run, name) as file:
            if file is None:
                raise HTTPException(404, "there is no such page")
            content = file.read()
        if name in PAGES:
            return HTMLResponse(content, headers={"content-security-policy": RESULT_POLICY})
        return Response(
            content, media_type=KINDS[name.partition(".")[2]], headers=_attachment(f"{run}-{name}")
        )


def _searches(app: FastAPI, studio: Studio) -> None:
    def submit(pool: SearchPool, job: Job) -> dict[str, Any]:
        try:
            return pool.submit(job).as_json()
        except BusyError as error:
            raise HTTPException(409, str(error)) from None

    @app.post("/api/jobs")
    def ask(body: AskedJob, x_session: Session) -> dict[str, Any]:
        _, pool = studio.ready()
        changed = studio.read.changed() if studio.read is not None else []
        job = Job(
            body.kind, studio.session(x_session), body.asked, list(body.bought), name=body.name
        )
        return {"changed": changed} | submit(pool, job)

    @app.post("/api/reports")
    def report(body: AskedReport, x_session: Session) -> dict[str, Any]:
        _, pool = studio.ready()
        plan = studio.plan(body.plan)
        if not plan.get("search") and not plan.get("bought"):
            raise HTTPException(409, "a report is made of a plan with responders")
        about = {key: plan.get(key) for key in ("fingerprint", "search", "bought")}
        asked = Question.model_validate(plan["asked"])
        return submit(pool, Job("report", studio.session(x_session), asked, about, plan=body.plan))

    def own_job(job_id: str, session: str) -> tuple[Job, SearchPool]:
        pool = studio.ready()[1]
        job = pool.job(job_id, studio.session(session))
        if job is None:
            raise HTTPException(404, "there is no such search")
        return job, pool

    @app.get("/api/jobs/{job_id}")
    def follow(job_id: str, x_session: Session) -> dict[str, Any]:
        return own_job(job_id, x_session)[0].as_json()

    @app.post("/api/jobs/{job_id}/stop")
    def stop(job_id: str, x_session: Session) -> dict[str, Any]:
        job, pool = own_job(job_id, x_session)
        pool.stop(job)
        return job.as_json()


def _plans(app: FastAPI, studio: Studio) -> None:
    @app.get("/api/plans")
    def plans() -> list[dict[str, Any]]:
        return studio.plans.summaries()

    @app.get("/api/plans/{plan_id}")
    def plan(plan_id: str) -> JSONResponse:
        found = studio.plan(plan_id)
        standard = found.get("target_min")
        colors = (
            scales(float(standard))
            if isinstance(standard, int | float) and 0 < standard < 1e5
            else None
        )
        shown = {key: part for key, part in found.items() if key not in NOT_SHOWN}
        return JSONResponse(
            shown
            | {"scales": colors, "reportable": bool(found.get("search") or found.get("bought"))}
        )

    @app.patch("/api/plans/{plan_id}")
    def rename(plan_id: str, body: NewName) -> dict[str, bool]:
        if not studio.plans.change(plan_id, name=clean_text(body.name, limit=TITLE)):
            raise HTTPException(404, "there is no such plan")
        return {"done": True}

    @app.delete("/api/plans/{plan_id}")
    def delete(plan_id: str) -> dict[str, bool]:
        if not studio.plans.delete(plan_id):
            raise HTTPException(404, "there is no such plan")
        return {"done": True}


def _downloads(app: FastAPI, studio: Studio) -> None:
    @app.get("/api/plans/{plan_id}/{which}")
    def download(plan_id: str, which: str) -> Response:
        plan = studio.plan(plan_id)
        made = plan_file(studio.ready()[0].case.city, plan, which)
        if made is None:
            raise HTTPException(404, "there is no such file")
        stem = file_stem(str(plan.get("name", "")), plan_id)
        return Response(made[0], media_type=made[1], headers=_attachment(f"{stem}-{which}"))

    @app.get("/api/compare.csv")
    def compare(ids: str = "") -> Response:
        asked: Sequence[str] = ids.split(",")[:50]
        found = [plan for plan_id in asked if (plan := studio.plans.get(plan_id)) is not None]
        if "today" in asked and studio.today is not None:
            found.insert(0, studio.today)
        return Response(
            compared(found),
            media_type="text/csv; charset=utf-8",
            headers=_attachment("plans-compared.csv"),
        )


def _attachment(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"'}


def _not_understood(_: Request, error: Exception) -> Response:
    """Say what of a question is wrong, without repeating what was sent."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    said = "; ".join(
        f"{'.'.join(str(p) for p in e['loc'][1:])[:100]}: {fault_words(e)[0][:200]}"
        for e in found[:10]
    )
    return JSONResponse({"error": clean_text(said or "not understood")}, status_code=422)


def _refused(_: Request, error: Exception) -> Response:
    if not isinstance(error, StarletteHTTPException):
        return PlainTextResponse("refused", status_code=400)
    return JSONResponse({"error": str(error.detail)}, status_code=error.status_code)


def _wrong(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, status_code=422)
