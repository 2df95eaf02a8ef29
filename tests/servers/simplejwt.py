"""Django REST framework with SimpleJWT: rotation, and a blacklist of spent refresh tokens. One file, a database in memory."""

import json
import sys
from datetime import timedelta
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="only for tests, and long enough for HS256",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    USE_TZ=True,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "rest_framework",
        "rest_framework_simplejwt.token_blacklist",
    ],
    MIDDLEWARE=[__name__ + ".cors"],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    },
    SIMPLE_JWT={
        "ACCESS_TOKEN_LIFETIME": timedelta(minutes=10),
        "ROTATE_REFRESH_TOKENS": True,
        "BLACKLIST_AFTER_ROTATION": True,
    },
)
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.http import HttpResponse, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402
from rest_framework.permissions import IsAuthenticated  # noqa: E402
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer  # noqa: E402
from rest_framework_simplejwt.tokens import AccessToken  # noqa: E402
from rest_framework_simplejwt.views import TokenBlacklistView, TokenObtainPairView, TokenRefreshView  # noqa: E402

stats = {"refresh_calls": 0, "refreshes": 0, "refused": 0, "unauthorized": 0, "ok": 0}


def cors(get_response):
    """CORS, and the counters."""

    def middleware(request):
        response = HttpResponse(status=204) if request.method == "OPTIONS" else get_response(request)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
        response["Access-Control-Expose-Headers"] = "WWW-Authenticate"
        if request.method != "OPTIONS":
            if request.path == "/refresh":
                stats["refresh_calls"] += 1
                stats["refreshes" if response.status_code == 200 else "refused"] += 1
            if request.path.startswith("/item/"):
                stats["ok" if response.status_code == 200 else "unauthorized"] += 1
        return response

    return middleware


class Login(TokenObtainPairSerializer):
    """A login's access token is soon over; a refresh's lives on, so that what is counted is one refresh."""

    def validate(self, attrs):
        data = super().validate(attrs)
        access = AccessToken(data["access"])
        access.set_exp(lifetime=timedelta(seconds=4))
        return {**data, "access": str(access)}


class Item(APIView):
    permission_classes = [IsAuthenticated]

    def get(self, request, n):
        return Response({"n": n, "user": request.user.username})


urlpatterns = [
    path("login", TokenObtainPairView.as_view(serializer_class=Login)),
    path("refresh", TokenRefreshView.as_view()),
    path("logout", TokenBlacklistView.as_view()),
    path("item/<int:n>", Item.as_view()),
    path("stats", lambda request: JsonResponse(stats)),
]


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


class Server(WSGIServer):
    request_queue_size = 256


if __name__ == "__main__":
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    call_command("migrate", verbosity=0)
    User.objects.create_user("ada", password="latch")
    # One thread: a database in memory belongs to the one that opened it.
    server = make_server("127.0.0.1", 0, application, server_class=Server, handler_class=Quiet)
    print(json.dumps({"origin": f"http://127.0.0.1:{server.server_port}"}), flush=True)
    server.timeout = 0.5
    import select

    while True:
        server.handle_request()
        # Ends with the test that started it.
        if select.select([sys.stdin], [], [], 0)[0] and not sys.stdin.readline():
            break
