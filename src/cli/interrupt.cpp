#include "cli/interrupt.hpp"

#include <atomic>
#include <csignal>

namespace quadric::cli {

namespace {

std::atomic<bool> asked = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may only touch lock-free atomics");

}  // namespace

void catch_interrupt() {
  struct sigaction action = {};
  action.sa_handler = [](int) { asked = true; };
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
}

bool interrupted() { return asked; }

std::shared_ptr<Observer> stop_on_interrupt() {
  return make_observer([](const Iteration&) { return !interrupted(); });
}

}  // namespace quadric::cli
