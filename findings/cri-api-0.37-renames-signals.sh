#!/usr/bin/env bash
# k8s.io/cri-api 0.37.0 renames the constants of its enum Signal, so a program for the container runtime interface that
# names one compiles with 0.36 or with 0.37, never with both.
#
# Expected: a minor version of a Kubernetes API module only adds, and the constants have the numbers of the signals.
# Seen with k8s.io/cri-api v0.36.3 and v0.37.0, Go 1.26:
#   - `runtime.Signal_SIGTERM` is there in 0.36.3 and gone in 0.37.0, where it is `runtime.Signal_SIGNAL_SIGTERM`;
#   - its number is the same in both, so the two still understand each other, but it is 23 and not the signal's own 15;
#   - the name in text and JSON changes with it (protojson, `crictl inspect`): "SIGTERM" becomes "SIGNAL_SIGTERM";
#   - the interface RuntimeService of k8s.io/cri-api/pkg/apis gains CheckpointPod, so an older client does not satisfy it.
# Where it matters: kubelet 1.36 (0.36) and containerd 2.4 (0.37) cannot be built in one Go module; containerd 2.3 can.
set -euo pipefail
export PATH=$PATH:/usr/local/go/bin GOFLAGS=-mod=mod
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT

# run VERSION CONSTANT: prints the constant's number and name, or the compiler's refusal.
run() {
  local at="$folder/$1-$2"
  mkdir -p "$at"
  cat >"$at/go.mod" <<MOD
module example.test/signals
go 1.26.0
require k8s.io/cri-api $1
MOD
  cat >"$at/main.go" <<GO
package main

import (
	"fmt"
	"reflect"

	api "k8s.io/cri-api/pkg/apis"
	runtime "k8s.io/cri-api/pkg/apis/runtime/v1"
)

func main() {
	_, found := reflect.TypeFor[api.RuntimeService]().MethodByName("CheckpointPod")
	fmt.Println(int(runtime.$2), runtime.$2, "CheckpointPod:", found)
}
GO
  (cd "$at" && go mod tidy >/dev/null 2>&1 && go run . 2>&1) | grep -v '^#' || true
}

seen=$(
  run v0.36.3 Signal_SIGTERM
  run v0.36.3 Signal_SIGNAL_SIGTERM
  run v0.37.0 Signal_SIGTERM
  run v0.37.0 Signal_SIGNAL_SIGTERM
)
echo "$seen"
expected='23 SIGTERM CheckpointPod: false
./main.go:13:26: undefined: runtime.Signal_SIGNAL_SIGTERM
./main.go:13:26: undefined: runtime.Signal_SIGTERM
23 SIGNAL_SIGTERM CheckpointPod: true'
[ "$seen" = "$expected" ] || { echo "this has changed; expected:"; echo "$expected"; exit 1; }
