// The catalogue of diagnoses: one row for each code that a warning, a verdict or the doctor may
// bear (user-pain-and-diagnoses, 5). The daemon and the client share it: `qwen-authctl why CODE`
// needs no daemon. docs/DIAGNOSES.md is generated from it.
#pragma once

#include <span>
#include <string_view>

namespace authd {

enum class Severity { error, warning, info };
std::string_view severity_name(Severity severity);

// What a diagnosis is made from.
enum class Evidence {
  files,   // files and the environment alone: offline, at once
  answer,  // an answer of a provider, or that there was none
  either,
};

struct Diagnosis {
  std::string_view code;  // "E101"; stable
  std::string_view name;  // "env.shadowed"; stable
  Severity severity;
  Evidence evidence;
  std::string_view title;      // a few words, without a full stop
  std::string_view cause;      // one sentence: what is wrong, and what comes of it
  std::string_view remedy;     // one sentence: what to do
  std::string_view detection;  // one or two sentences: when it is told, and when it is not
};

// In the order in which to act: a cause stands before what comes of it.
std::span<const Diagnosis> diagnoses();
// nullptr where there is none; in any case.
const Diagnosis* find_diagnosis(std::string_view code);

}  // namespace authd
