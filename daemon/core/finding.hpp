// What the doctor found, and what mends it. Values: daemon/fix_book keeps fixes until they are
// asked for, and carries them out through the settings engine.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "daemon/core/settings_plan.hpp"
#include "protocol/diagnosis.hpp"

namespace authd::core {

// Members of one settings file set or removed in one write. In a path the element of a list is its
// number, counted from 0: {"modelProviders", "openai", "2", "baseUrl"}.
struct MemberEdit {
  Path path;
  std::optional<Json> value;     // nothing: it is removed
  std::optional<Json> was = {};  // where it is said: what has to be there now (null = nothing)
  Path as = {};                  // where it is said: it gets the text of what stands there
};
struct EditSettings {
  Scope scope = Scope::user;
  std::vector<MemberEdit> edits;
};
// Trailing commas and a byte order mark taken out, nothing else.
struct RepairSettings {
  Scope scope = Scope::user;
};
// A configured model made the one that starts.
struct SelectModel {
  Scope scope = Scope::user;
  Selected model;
};
// A file or directory of the user's made private.
struct ChangeMode {
  std::string path;
  unsigned mode = 0600;
};
// One variable of a .env file written again, so that it reads as it was meant. Where it does not
// read as `was` any more, nothing is written: no history keeps a .env file.
struct EditDotenv {
  std::string path, name;
  Secret value, was;
};

enum class FixKind {
  automatic,  // "auto": safe and reversible
  ask,        // shows its diff first
  user,       // only a person can do it: `command` says how
};
std::string_view fix_kind_name(FixKind kind);

struct Fix {
  FixKind kind = FixKind::user;
  std::string title;    // "Use the endpoint of Singapore"
  std::string preview;  // a diff, secrets masked; empty where there is none
  std::string command;  // what a person may run instead, or has to
  // monostate: nothing that the daemon could do.
  std::variant<std::monostate, EditSettings, RepairSettings, SelectModel, ChangeMode, EditDotenv>
      action;
};

// One diagnosis that holds here. Nothing of it holds a secret.
struct Finding {
  std::string code;                   // of a row of diagnoses()
  std::string message;                // with the names, places and numbers of this case
  std::vector<std::string> evidence;  // "settings.json:12: …", masked values, exact URLs
  std::vector<Fix> fixes;             // the best one first
  std::string subject = {};  // what it is about: a variable, a model, a path; tells two apart
  std::optional<Severity> severity = {};  // where it differs from the row's
  std::vector<std::string> hides = {};    // codes of its consequences, which are not told

  // Of `severity`, else of the row.
  Severity weight() const;
};

// In the order in which to act: errors first, then as diagnoses() has them. Consequences are left
// out where their cause is told, and named by it.
std::vector<Finding> arranged(std::vector<Finding> findings);

}  // namespace authd::core
