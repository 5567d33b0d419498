# Sourced by ./test, ./run and ./callgate: what the machine must have, and how to get it on Debian.

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1
# Every program here compares ordinally, so the build does not need ICU either.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT="${DOTNET_SYSTEM_GLOBALIZATION_INVARIANT:-1}"
export HOME="${HOME:-$PWD/.tools/home}"

# One configuration for ./run and ./test, so that both use the same build.
CONFIGURATION=Release
BIN=artifacts/bin

fail() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

need_dotnet() {
    command -v dotnet >/dev/null || fail "needs the .NET 10 SDK; put \`dotnet\` on the PATH"
    dotnet --version >/dev/null 2>&1 || fail "needs the .NET 10 SDK; found only:
$(dotnet --list-sdks 2>&1)"
}

# Takes Debian package names; sets MISSING to those whose part this machine lacks.
find_missing() {
    local package
    MISSING=()
    for package in "$@"; do
        has_part_of "$package" || MISSING+=("$package")
    done
}

has_part_of() {
    case "$1" in
        libsqlite3-0) { ldconfig -p 2>/dev/null || /sbin/ldconfig -p; } | grep 'libsqlite3\.so\.0' >/dev/null ;;
        util-linux) command -v setsid >/dev/null ;;
        libnginx-mod-http-lua) [ -e /usr/lib/nginx/modules/ngx_http_lua_module.so ] ;;
        bubblewrap) command -v bwrap >/dev/null ;;
        procps) command -v ps >/dev/null ;;
        ca-certificates) [ -e /etc/ssl/certs/ca-certificates.crt ] || [ -n "${SSL_CERT_FILE:-}" ] ;;
        *) command -v "$1" >/dev/null ;;
    esac
}
