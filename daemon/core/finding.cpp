#include "daemon/core/finding.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace authd::core {
namespace {

// Whether a cause and its consequence have to be about the same thing.
enum class About : std::uint8_t { same, any };

struct Consequence {
  std::string_view cause, consequence;
  About about = About::same;
};

// A cause that is told says all that its consequence would. What is listed for `any` comes of the
// place as a whole: a file that does not parse leaves nothing to be judged in it.
constexpr auto consequences = std::to_array<Consequence>({
    {"F801", "P401", About::any},
    {"F801", "P402", About::any},
    {"F801", "P404", About::any},
    {"F801", "P403", About::any},
    {"F801", "P405", About::any},
    {"F801", "P406", About::any},
    {"F801", "P408", About::any},
    {"F801", "P409", About::any},
    {"F801", "E105", About::any},
    {"F801", "E106", About::any},
    {"F801", "E107", About::any},
    {"F801", "E111", About::any},
    {"F801", "E103", About::any},
    {"F801", "F806", About::any},
    {"F803", "P401"},
    {"P402", "P404", About::any},
    {"P402", "P409", About::any},
    {"P402", "E105", About::any},
    {"P401", "P404", About::any},
    {"P401", "P409", About::any},
    {"P401", "E105", About::any},
    {"K209", "E105"},
    {"K209", "E111"},
    {"E104", "E105"},
    {"E104", "E106"},
    {"E104", "E111"},
    {"E106", "E105"},
    {"E106", "E111"},
    {"E106", "P409", About::any},
    {"E109", "E105"},
    {"E109", "K205"},
    {"E109", "K206"},
    {"E109", "K207"},
    {"E109", "U304"},
    {"E109", "U301"},
    {"E105", "E111"},
    {"E105", "E103"},
    {"E105", "K203"},
    {"E105", "K201"},
    {"E108", "K205"},
    {"E108", "K206"},
    {"E108", "K203"},
    {"E101", "E102"},
    {"E101", "E107"},
    {"E101", "E103"},
    {"E102", "E107"},
    {"E102", "E103"},
    {"K206", "K205"},
    {"K206", "K207"},
    {"K206", "K201"},
    {"K206", "K203"},
    {"K205", "K203"},
    {"K207", "K201"},
    {"K207", "K203"},
    {"K201", "K203"},
    {"K202", "K203"},
    {"K208", "K203"},
    {"K210", "K203"},
    {"U303", "U302"},
    {"U303", "U301"},
    {"U303", "U304"},
    {"U302", "U301"},
    {"P406", "P404", About::any},
    {"P408", "P404", About::any},
    {"U305", "N704"},
    {"U306", "N704"},
    {"N703", "N704", About::any},
    {"N701", "N704", About::any},
    {"F805", "F804"},
});

// The finding that is the cause of this one; nullptr where none is told.
Finding* cause_of(std::vector<Finding>& findings, const Finding& consequence) {
  for (const Consequence& row : consequences) {
    if (row.consequence != consequence.code) continue;
    for (Finding& cause : findings) {
      const bool is_same = row.about == About::any || cause.subject == consequence.subject;
      if (cause.code != row.cause || !is_same) continue;
      // A mere note is no cause of what is wrong, nor is another model's defect.
      // A file that Qwen Code does not read says nothing of what it does read.
      if (cause.code == "F801" && cause.weight() != Severity::error) continue;
      const bool is_weighty = row.about == About::same ? cause.weight() != Severity::info
                                                       : cause.weight() <= consequence.weight();
      if (is_weighty || cause.weight() == consequence.weight()) return &cause;
    }
  }
  return nullptr;
}

std::size_t rank(const Finding& finding) {
  const auto rows = diagnoses();
  return static_cast<std::size_t>(std::ranges::find(rows, finding.code, &Diagnosis::code) -
                                  rows.begin());
}

}  // namespace

std::string_view fix_kind_name(FixKind kind) {
  switch (kind) {
    case FixKind::automatic: return "auto";
    case FixKind::ask: return "ask";
    case FixKind::user: return "user";
  }
  return "user";
}

Severity Finding::weight() const {
  if (severity) return *severity;
  const Diagnosis* row = find_diagnosis(code);
  return row ? row->severity : Severity::warning;
}

std::vector<Finding> arranged(std::vector<Finding> findings) {
  std::vector<bool> hidden(findings.size(), false);
  for (std::size_t i = 0; i < findings.size(); ++i) {
    Finding* const cause = cause_of(findings, findings[i]);
    if (!cause) continue;
    hidden[i] = true;
    if (std::ranges::find(cause->hides, findings[i].code) == cause->hides.end())
      cause->hides.push_back(findings[i].code);
  }
  std::vector<Finding> told;
  for (std::size_t i = 0; i < findings.size(); ++i)
    if (!hidden[i]) told.push_back(std::move(findings[i]));
  std::ranges::stable_sort(
      told, {}, [](const Finding& finding) { return std::pair(finding.weight(), rank(finding)); });
  return told;
}

}  // namespace authd::core
