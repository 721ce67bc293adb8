#!/bin/sh
# usage: serve.sh run|start|stop|logs [options of `vllm serve`]
#
# run    serve in the foreground, as docker-compose.yml does
# start  serve in the background, at localhost only, and wait until the server answers
# stop   end the server that `start` started
# logs   show its log until Ctrl-C
#
# SERVING     a file of this folder, then files of variants/ after plus signs: qwen3-0.6b+float16+half-gpu
# MODEL_PATH  folder of weights in place of the preset's model; the server calls them by the folder's name
# VLLM, PORT  the executable, and the port of `start`
# STATE       folder for the merged preset, and for the pid and log of `start`
# GRACE_SECONDS  time that `stop` gives the server before it is killed
set -eu
verb=${1:-}
[ $# -eq 0 ] || shift
here=$(cd "$(dirname "$0")" && pwd)
vllm=${VLLM:-vllm} port=${PORT:-8000} state=${STATE:-/tmp/vllm-serving}
preset=$state/serving.yaml log=$state/server.log pid_file=$state/server.pid

fail() {
  echo "$1" >&2
  exit 2
}

# The files have no key in common, so that one after the other they are one preset.
merge() {
  folder=$here
  for name in $(echo "${SERVING:-qwen2.5-coder-0.5b-instruct}" | tr + ' '); do
    [ -f "$folder/$name.yaml" ] || fail "SERVING: no $name.yaml in $folder, which has: $(cd "$folder" && echo *.yaml)"
    cat "$folder/$name.yaml"
    folder=$here/variants
  done
}

run() {
  mkdir -p "$state"
  merge > "$preset"
  if [ -n "${MODEL_PATH:-}" ]; then
    [ -f "$MODEL_PATH/config.json" ] || fail "MODEL_PATH: $MODEL_PATH has no config.json; name a model's folder"
    set -- "$MODEL_PATH" --served-model-name "$(basename "$MODEL_PATH")" "$@"
  fi
  # The command line wins over the preset.
  VLLM_MAX_STOP_STRINGS=${VLLM_MAX_STOP_STRINGS:-64} VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1 \
    VLLM_CPU_KVCACHE_SPACE=${VLLM_CPU_KVCACHE_SPACE:-2} exec "$vllm" serve "$@" --config "$preset"
}

# The process may have ended, and its number may be another's by now.
running() {
  [ -f "$pid_file" ] && grep -qs "serve" "/proc/$(cat "$pid_file")/cmdline"
}

start() {
  ! running || fail "a server is running already: stop it first"
  mkdir -p "$state"
  setsid sh "$here/serve.sh" run "$@" --host 127.0.0.1 --port "$port" > "$log" 2>&1 &
  echo $! > "$pid_file"
  echo "starting; its log is $log" >&2
  until curl --fail --silent "http://127.0.0.1:$port/health"; do
    kill -0 $! 2> /dev/null || { tail -n 30 "$log" >&2; fail "the server ended; the lines above are its last"; }
    sleep 1
  done
  echo "http://localhost:$port/v1"
}

# Processes in the background of a shell ignore INT, hence TERM.
stop() {
  running || { echo "no server is running" >&2; return; }
  pid=$(cat "$pid_file")
  kill -s TERM "$pid"
  for _ in $(seq "${GRACE_SECONDS:-60}"); do
    running || break
    sleep 1
  done
  kill -s KILL -- "-$pid" 2> /dev/null || true  # what is left of its processes
  while running; do sleep 0.1; done
  rm -f "$pid_file"
}

case $verb in
  run | start | stop) "$verb" "$@" ;;
  logs) exec tail -n 100 -F "$log" ;;
  *) fail "usage: serve.sh run|start|stop|logs" ;;
esac
