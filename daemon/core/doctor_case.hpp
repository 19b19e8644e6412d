// What the doctor's rules share: one place, as Qwen Code finds it, and what has been found there.
// Only core/doctor*.cpp include this.
#pragma once

#include <functional>
#include <map>

#include "daemon/core/check.hpp"
#include "daemon/core/doctor.hpp"

namespace authd::core {

class DoctorCase {
 public:
  // `input` outlives it.
  explicit DoctorCase(const DoctorInput& input);

  const DoctorInput& in;
  const SettingsFiles& files;
  const Loaded loaded;
  const std::vector<ConfiguredModel> models;
  const Choice choice;
  const Resolution& active;  // of the choice

  // ---- What is known of the place
  const Explanation& explained(const std::string& name);
  // Of the variable's winner; nullptr where nothing sets it.
  const VariableSource* winner(const std::string& name);
  // As Qwen Code's code sees it, empty where it is not set.
  std::string variable(const std::string& name) const;
  bool is_active(const ConfiguredModel& model) const;
  // No entry is taken because of one that Qwen Code ends at: what is left without it is an
  // artefact, and nothing to be judged.
  bool lacks_fatal_entry() const;
  // The key reaches Qwen Code through qwen-authctl exec: a command prints it.
  bool has_command(const std::string& name) const { return in.commands.contains(name); }
  // Variables that a model, the active selection or Qwen Code itself takes a key from.
  const std::set<std::string>& key_names();
  const PathFacts* facts(const std::string& path) const;
  // Where a selection is saved, so that it counts.
  Scope selection_scope() const;

  // ---- Where things stand
  struct EntryPlace {
    const SettingsFile* file = nullptr;  // nullptr where it cannot be told
    Path path;                           // with the element's number
    Jsonc::Node node = Jsonc::none;
  };
  EntryPlace place_of(const ConfiguredModel& model) const;
  // "/home/u/.qwen/settings.json:12"; of the member, or of the entry where it has no such member.
  std::string where_of(const ConfiguredModel& model, std::string_view member = {}) const;
  static std::string where_of(const SettingsFile& file, const Path& path);
  // The file that says the member which counts; nullptr where none does.
  const SettingsFile* file_with(const Path& path) const;
  // A member's text as the file has it, with its placeholders.
  static std::string raw_text(const EntryPlace& place, std::string_view member);

  // ---- What has been found
  // Valid until the next call.
  Finding& tell(std::string_view code, std::string subject, std::string message);
  std::vector<Finding> take() { return std::move(findings_); }
  bool is_told(std::string_view code) const;

  // Fixes. Those that cannot be carried out are left out when previews are made.
  void offer_command(Finding& finding, std::string title, std::string command) const;
  void offer_model(Finding& finding, const ConfiguredModel& model, std::string title) const;
  void offer_edits(Finding& finding, FixKind kind, std::string title, Scope scope,
                   std::vector<MemberEdit> edits) const;
  // Another value for a variable, where its value comes from.
  void offer_value(Finding& finding, FixKind kind, std::string title, const std::string& name,
                   std::string_view value);
  // The models that could be selected instead: usable ones with a key first.
  std::vector<const ConfiguredModel*> alternatives() const;
  // The variable that the key of an endpoint belongs into: its preset's, else one of its own.
  std::string variable_for(const ConfiguredModel& entry) const;

 private:
  Explainer explainer_;
  std::map<std::string, Explanation> explanations_;
  std::set<std::string> key_names_;
  std::vector<Finding> findings_;
};

// "sk-••••••••••••••••, fingerprint 1a2b3c4d"; never the value.
std::string shown_value(std::string_view value);
// Whether what stands in envKey is the name of a variable and not the key itself.
bool names_a_variable(const std::string& env_key);
// The subject of what is told about a variable: its name, unless that is a key.
std::string key_subject(const std::string& env_key);
// "/a/b:12" for a line of a file.
std::string at_line_of(const std::string& path, std::size_t line);
// The command that gives a variable another value in settings.env; empty where no command can.
std::string set_command(const std::string& name, const std::string& more = "");

// Tells of a key that stands where Qwen Code does not read it (E105); false where there is none.
bool tell_misplaced_key(DoctorCase& doctor);

// The rules by area; each adds to what has been found.
void examine_files(DoctorCase& doctor);
void examine_environment(DoctorCase& doctor);
void examine_providers(DoctorCase& doctor);
void examine_entries(DoctorCase& doctor);
void examine_keys(DoctorCase& doctor);
void examine_urls(DoctorCase& doctor);
void examine_security(DoctorCase& doctor);

}  // namespace authd::core
