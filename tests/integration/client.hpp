// One connection to the daemon, as an editor would have it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "process.hpp"
#include "protocol/json.hpp"

namespace authd::tests {

enum class Framing { lines, headers };

// Everything that the daemon said to any client of a test, but for the results of methods that
// reveal secrets.
struct Overheard {
  std::string text;
};

class Client {
 public:
  Client(const std::string& socket_path, Framing framing, std::shared_ptr<Overheard> overheard);
  Client(Client&&) = default;
  Client& operator=(Client&&) = delete;
  ~Client();

  // Bytes as they are, or one message in the connection's framing.
  void send_bytes(std::string_view bytes);
  void send_text(std::string_view message);
  void half_close();

  // The next message, whatever it is; nothing where the daemon closed the connection. Fails the
  // test when neither comes.
  std::optional<std::string> next_text();
  Json next();
  // The header section of the last message, as it came.
  const std::string& last_header() const { return last_header_; }
  // Whether the daemon closed the connection without a further message.
  bool is_closed() { return !next_text(); }

  // Sends a request and returns its id; `answer_to` gathers notifications and other answers on
  // the way.
  int request(const std::string& method, const Json& params = nullptr);
  Json answer_to(int id);
  // The result; an error fails the test.
  Json call(const std::string& method, const Json& params = nullptr);
  Json result_of(int id);
  // The error; a result fails the test.
  Json refusal(const std::string& method, const Json& params = nullptr);
  Json error_of(int id);
  // As `call`, for methods whose result holds secrets.
  Json reveal(const std::string& method, const Json& params = nullptr);
  void notify(const std::string& method, const Json& params = nullptr);

  // Notifications so far, after everything that the daemon has sent was read.
  std::vector<Json> notifications(const std::string& method = "");
  // Waits for one.
  Json next_notification(const std::string& method);

 private:
  bool fill();
  std::optional<std::string> cut_message();
  void sort(Json message);

  int descriptor_ = -1;
  Framing framing_;
  std::shared_ptr<Overheard> overheard_;
  std::string buffer_, last_header_;
  std::vector<Json> notifications_;
  std::vector<Json> answers_;
  int next_id_ = 1;
  bool is_secret_expected_ = false;
};

}  // namespace authd::tests
