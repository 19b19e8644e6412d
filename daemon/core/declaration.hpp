// settings.apply: a document that says what the settings are to say, made into a plan. Applied
// twice it changes nothing the second time.
#pragma once

#include "daemon/core/settings_plan.hpp"

namespace authd::core {

// "env:NAME", "file:PATH" or "stdin".
struct KeyReference {
  enum class Kind { environment, file, standard_input };
  Kind kind = Kind::environment;
  std::string name;  // the variable's, or the file's path as it was written
};
// invalid_input where it is none of these: a key itself has no place in a document that is kept.
Result<KeyReference> parse_key_reference(const std::string& text, const std::string& field);

struct DeclarationRequest {
  std::string scope = "auto";
  const Declaration& declaration;
  const std::vector<Secret>& keys;  // one per provider; empty where it declares none
  bool repair = false;
};

// Adds what is missing, changes what differs, and leaves the rest with its bytes. Errors: as
// editable_document and scope_to_write; invalid_input names the member of the document.
Result<Plan> plan_declaration(const SettingsFiles& files, const Environment& environment,
                              const DeclarationRequest& request);

}  // namespace authd::core
