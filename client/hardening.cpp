#include "client/hardening.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace authd::client {
namespace {

// As they were when the process started.
rlimit former_core_limit{};
void (*former_action)(int) = SIG_DFL;

}  // namespace

void harden() {
  prctl(PR_SET_DUMPABLE, 0);
  getrlimit(RLIMIT_CORE, &former_core_limit);
  const rlimit none{0, former_core_limit.rlim_max};  // the hard limit would not come back
  setrlimit(RLIMIT_CORE, &none);
  former_action = signal(SIGPIPE, SIG_IGN);
}

void soften() {
  setrlimit(RLIMIT_CORE, &former_core_limit);
  signal(SIGPIPE, former_action);
}

}  // namespace authd::client
