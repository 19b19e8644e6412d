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

void Parsing::Work::run() {
  try {
    promise.set_value(core::Jsonc::parse(text));
  } catch (...) {
    promise.set_exception(std::current_exception());
  }
}

Parsing Parser::parse(const std::string& text) {
  auto work = std::make_shared<Parsing::Work>(text);
  if (text.size() >= bytes_worth_a_thread) hand_over(work);
  return Parsing(std::move(work));
}

// Without a thread it is done where the result is asked for.
void Parser::hand_over(const std::shared_ptr<Parsing::Work>& work) {
  try {
    if (!thread_) {
      thread_.emplace(1);
      asio::post(*thread_, be_patient);
    }
    asio::post(*thread_, [work] {
      if (work->take()) work->run();
    });
  } catch (const std::exception&) {
  }
}

}  // namespace authd::io
