// The homes that a commit is walked in: what the settings file is, and what it must be afterwards.
#pragma once

#include <string>
#include <vector>

#include "../integration/scratch.hpp"
#include "daemon.hpp"

namespace authd::crash {

enum class Kind { regular, symlink, new_file };
inline constexpr Kind kinds[] = {Kind::regular, Kind::symlink, Kind::new_file};
const char* name_of(Kind kind);

class Home {
 public:
  Home(Kind kind, std::string bin_dir);
  // As it was at the beginning.
  void reset();
  // strace counts the calls of each thread, and injects into the nth of each. So that the nth of the
  // settings thread is never also the nth of the main thread, which makes a few while it starts,
  // this lets the settings thread make more of each kind, by saves that are refused and leave
  // nothing behind, and by reading.
  void get_ahead(Daemon& daemon) const;

  Kind kind() const { return kind_; }
  const std::string& root() const { return live_.path(); }
  std::string settings() const { return live_.path("home/.qwen/settings.json"); }
  std::string history() const { return live_.path("state/qwen-authd/history"); }
  bool had_file() const { return kind_ != Kind::new_file; }
  const std::string& old_text() const { return old_text_; }

  // The settings file holds `text`, privately, and is the kind of file that it was.
  void require_text(const std::string& text) const;
  void require_old_file() const;
  bool history_holds(const std::string& text) const;
  // Nothing of a write that is over, or is no more, within a while.
  void require_no_debris(std::chrono::milliseconds patience) const;

 private:
  void lay_out() const;
  void lay_out_for_getting_ahead() const;
  std::string place_of_project_copy() const;

  const Kind kind_;
  const std::string bin_dir_;
  tests::Scratch live_, template_;
  std::string old_text_;
};

}  // namespace authd::crash
