// The client's double of the daemon: the custom flow in miniature, with canned verdicts. It listens
// on a socket of its own and remembers what it was asked.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "protocol/json.hpp"

namespace authd::client::tests {

class FakeDaemon {
 public:
  FakeDaemon();
  FakeDaemon(const FakeDaemon&) = delete;
  FakeDaemon& operator=(const FakeDaemon&) = delete;
  ~FakeDaemon();

  const std::string& socket_path() const { return path_; }
  const std::string& directory() const { return directory_; }

  // The methods called so far, in order, and the params of the last call of one.
  std::vector<std::string> methods() const;
  bool was_called(const std::string& method) const;
  Json params_of(const std::string& method) const;

  // Verdict states of the commits to come; "accepted" once they are used up. "slow" waits for
  // $/cancelRequest and then answers as a commit cancelled after its write.
  void set_verdicts(std::vector<std::string> states);
  // Previews fail with settings_unreadable until `repair` is true.
  void set_needs_repair(bool needs_repair) { needs_repair_ = needs_repair; }
  // Another flow instead of the custom one: its steps as a State has them, without the review,
  // which follows. What is `optional` takes an empty answer; a select takes its options' values.
  void set_steps(Json steps);
  // The answers of the session, by step id.
  std::map<std::string, std::string> answers() const;
  // What a method answers from now on.
  void set_result(const std::string& method, Json result);
  // A method that never answers.
  void set_silent(const std::string& method);
  void set_error(const std::string& method, Json error);

 private:
  void serve();
  void converse(int descriptor);
  // The texts to send back: the answer, with notifications before it.
  std::vector<std::string> replies_to(const Json& request);
  Json result_of(const std::string& method, const Json& params);
  Json submit(const std::string& step, const Json& value);
  Json commit();
  Json state() const;
  Json step() const;
  Json scripted_step() const;
  Json submit_scripted(const std::string& step, const Json& value);
  Json preview(bool repair) const;
  Json warnings() const;

  std::string directory_, path_;
  int listener_ = -1;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> needs_repair_ = false;
  mutable std::mutex mutex_;
  std::vector<std::pair<std::string, Json>> calls_;
  std::vector<std::string> verdicts_;
  std::map<std::string, Json> results_, errors_;
  std::string silent_;
  Json steps_;  // null for the custom flow
  std::size_t at_ = 0;
  std::map<std::string, std::string> answers_;
  std::string waiting_commit_;  // the id of a commit that waits for its cancellation
  std::vector<std::thread> conversations_;
  std::thread server_;
};

// The environment of a program that is to find this daemon, in a home of its own.
inline std::vector<std::string> home_of(const FakeDaemon& daemon) {
  return {"HOME=" + daemon.directory(), "QWEN_AUTHD_SOCKET=" + daemon.socket_path()};
}

// A key that shows wherever it is and does not belong.
inline const std::string canary = "sk-or-v1-canary0123456789";

}  // namespace authd::client::tests
