#include "daemon/io/parser.hpp"

#include <pthread.h>
#include <sched.h>

#include <asio/post.hpp>

namespace authd::io {
namespace {

// A shorter one is parsed before a thread is awake.
constexpr std::size_t bytes_worth_a_thread = 8 * 1024;

// Waking up, this thread takes the processor from nobody: who woke it has to give the disk its work
// first, and then leaves the processor by itself.
void be_patient() {
  const sched_param none{};
  pthread_setschedparam(pthread_self(), SCHED_BATCH, &none);
}

}  // namespace

Parsing Parser::parse(const std::string& text) {
  std::packaged_task<Parsing::Result()> task([&text] { return core::Jsonc::parse(text); });
  auto result = task.get_future();
  if (text.size() < bytes_worth_a_thread) {
    task();
  } else {
    if (!thread_) {
      thread_.emplace(1);
      asio::post(*thread_, be_patient);
    }
    asio::post(*thread_, std::move(task));
  }
  return Parsing(std::move(result));
}

}  // namespace authd::io
