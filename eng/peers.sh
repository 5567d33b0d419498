# Sourced by ./test: the clients, servers and suites from npm that the tests put before and behind the gate.

# Installs the locked packages of folder $1 into folder $2, once per lock file. Scripts of packages are not run.
# Not `npm ci`: it refuses the lock where a registry lacks an optional package of another platform.
install_peers() {
    local from=$1 into=$2 wanted
    wanted=$(cat "$from/package.json" "$from/package-lock.json" | sha256sum)
    [ "$(cat "$into/.installed" 2>/dev/null)" != "$wanted" ] || return 0
    echo "== installing what $from names, from npm"
    mkdir -p "$into"
    cp "$from/package.json" "$from/package-lock.json" "$into/"
    (cd "$into" && npm install --no-save --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error) ||
        fail "npm could not install what \`$from/package-lock.json\` names; the tests need all of it"
    echo "$wanted" >"$into/.installed"
}
