// A text that somebody pasted, without what terminals and logs put around the words.
#pragma once

#include <string>
#include <string_view>

namespace authd::core {

// Words of a pasted text, fit to be shown: on one line, without credentials, and without what only
// looks as random as one.
std::string fit_to_show(std::string_view words, std::size_t bytes_max);
// Whether there is such a run of letters and digits.
bool has_random_run(std::string_view words);

class PastedText {
 public:
  // Linear. Escapes of terminals, frames and control characters are gone, runs of blanks are one,
  // empty lines and those around a line are none, and \uXXXX is what it stands for.
  explicit PastedText(std::string_view raw);

  const std::string& text() const { return text_; }
  const std::string& lower() const { return lower_; }  // the same length

  struct Span {
    std::size_t begin = 0, end = 0;
  };
  // The line around a place, and with its neighbours; no more than some thousand bytes.
  Span line_at(std::size_t at) const;
  Span lines_around(std::size_t at) const;
  std::string_view lower(Span span) const {
    return std::string_view(lower_).substr(span.begin, span.end - span.begin);
  }

  // The HTTP status that is told nearest to a place, in its line or a neighbouring one; 0 for none.
  int status_near(std::size_t at) const;
  // Whether the three digits here are told as the status of an answer.
  bool is_status_at(std::size_t at) const;

  // Whether a line is source code, or an answer that succeeded: its words report no error.
  bool is_no_report(Span line) const;

  // What the words at a place are: those of an answer or of a program, as they came; what somebody
  // says about such words; words within a sentence, which may be either; or neither, as in source
  // code.
  enum class Tone { report, unclear, prose, no_report };
  Tone tone_at(std::size_t at, std::size_t size) const;

  // The words around a place, fit to be shown: no credential, nothing that only looks random.
  std::string excerpt(std::size_t at, std::size_t size) const;

 private:
  std::string text_, lower_;
  bool is_diff_ = false, is_list_of_statuses_ = false;
};

// How far two places of a text are from each other.
inline std::size_t distance(std::size_t one, std::size_t other) {
  return one > other ? one - other : other - one;
}

}  // namespace authd::core
