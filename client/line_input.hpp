// Answers line by line from a descriptor, with signals heeded while it waits.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "client/signal_inbox.hpp"
#include "protocol/secret.hpp"

namespace authd::client {

// One thread. Wipes what it has handed out, since a line may be a key.
class LineInput {
 public:
  struct Next {
    std::optional<Secret> line;  // without its line break; nothing at the end or on a signal
    int signal = 0;
  };

  LineInput(int descriptor, SignalInbox& signals) : descriptor_(descriptor), signals_(signals) {}
  LineInput(const LineInput&) = delete;
  LineInput& operator=(const LineInput&) = delete;
  ~LineInput() { wipe(buffer_); }

  // With `hidden`, a terminal does not echo it; `ask` shows the prompt, once the echo is off.
  Next next(
      bool hidden, const std::function<void()>& ask = [] {});
  // Everything up to the end.
  Next rest();

 private:
  std::optional<Secret> take_line();
  enum class Read { more, end, signal };
  Read read_more(int& signal);

  int descriptor_;
  SignalInbox& signals_;
  std::string buffer_;
  bool ended_ = false;
};

}  // namespace authd::client
