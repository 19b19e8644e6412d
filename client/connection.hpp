// One connection to the daemon: requests out, one at a time, their answers back.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/fault.hpp"
#include "protocol/framing.hpp"

namespace authd::client {

// What a call does besides waiting: keys and signals do not rest while the daemon thinks.
struct Attention {
  enum class Wish {
    wait,
    cancel,   // ask the daemon to cancel the request, and wait for what it says
    abandon,  // answer `interrupted` at once
  };
  std::vector<int> descriptors = {};  // on_ready is called when one is readable
  std::function<Wish()> on_ready = {};
  std::function<void(const Json& value)> on_progress = {};
  std::function<void()> on_tick = {};  // ten times a second
};

// Owns the socket. Movable, one thread. What is sent is wiped afterwards, since it may hold a key.
class Connection {
 public:
  static constexpr std::chrono::milliseconds answer_timeout{90'000};

  // Faults: `not_running` where nothing listens there (a daemon may be started), `unreachable`
  // for any other reason, `foreign_socket` where another user's process listens.
  static Outcome<Connection> open(const std::string& socket_path);
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&& other) noexcept;
  ~Connection();

  // The result, or the daemon's error, or what kept it from coming. Every string in `params` is
  // wiped after it was sent.
  Outcome<Json> call(std::string_view method, Json params, const Attention& attention = {},
                     std::chrono::milliseconds timeout = answer_timeout);

  // Whether the daemon has closed the connection within `timeout`.
  bool closed_within(std::chrono::milliseconds timeout);

  // For those who pump bytes themselves.
  int descriptor() const { return descriptor_; }

 private:
  explicit Connection(int descriptor);
  Outcome<void> send(std::string text);
  Outcome<void> send_cancel(long id);
  std::optional<Outcome<Json>> received_answer(long id, const Attention& attention);
  Outcome<bool> receive();

  int descriptor_ = -1;
  long next_id_ = 1;
  std::unique_ptr<FrameReader> reader_;
};

}  // namespace authd::client
