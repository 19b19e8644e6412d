// The settings files themselves: whether they parse, can be written, and are private.
#include <algorithm>
#include <array>
#include <utility>

#include "daemon/core/doctor_case.hpp"
#include "daemon/core/settings_changes.hpp"
#include "daemon/core/settings_plan.hpp"
#include "daemon/core/text.hpp"

namespace authd::core {
namespace {

constexpr std::string_view bom = "\xEF\xBB\xBF";

bool is_of_system(const SettingsFile& file) {
  return file.scope == Scope::system || file.scope == Scope::system_defaults;
}

std::vector<const SettingsFile*> all_files(const SettingsFiles& files) {
  std::vector<const SettingsFile*> all{&files.user};
  if (files.workspace) all.push_back(&*files.workspace);
  all.push_back(&files.system);
  all.push_back(&files.system_defaults);
  return all;
}

// What a file that does not parse may have instead of JSON, in words.
std::string_view look_of(const std::string& text) {
  if (text.find('\0') != std::string::npos)
    return " It holds zero bytes, as after a crash or a full disk.";
  for (const std::string_view mark : {"<<<<<<< ", ">>>>>>> "})
    if (text.starts_with(mark) || text.find("\n" + std::string(mark)) != std::string::npos)
      return " It holds the conflict markers of a merge.";
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    return " It is in UTF-16, as some editors and PowerShell write it; save it as UTF-8.";
  return "";
}

void offer_repair(Finding& finding, const SettingsFile& file, std::string title) {
  if (is_of_system(file)) return;
  Fix fix;
  fix.kind = FixKind::ask;
  fix.title = std::move(title);
  fix.action = RepairSettings{file.scope};
  finding.fixes.push_back(std::move(fix));
}

void weigh(Finding& finding, const DoctorCase& doctor, const SettingsFile& file) {
  // Qwen Code does not read it.
  if (file.scope == Scope::workspace && !doctor.files.workspace_trusted)
    finding.severity = Severity::warning;
}

std::string settings_place_text(Position at) {
  return "line " + std::to_string(at.line) + ", column " + std::to_string(at.column);
}

void examine_text(DoctorCase& doctor, const SettingsFile& file) {
  if (file.trouble) {
    Finding& finding = doctor.tell("F801", file.path, file.trouble->message);
    finding.evidence = {file.path};
    return weigh(finding, doctor, file);
  }
  if (file.fault) {
    const std::string& text = file.text();
    Finding& finding = doctor.tell("F801", file.path,
                                   file.path + " does not parse: " + file.fault->message + " (" +
                                       settings_place_text(file.fault->at) + ")." +
                                       std::string(look_of(text)) + " Nothing was changed.");
    finding.evidence = {at_line_of(file.path, file.fault->at.line)};
    doctor.offer_command(finding, "See what was written there, and put the last good state back",
                         "qwen-authctl history");
    return weigh(finding, doctor, file);
  }
  if (!file.document) return;
  const Jsonc& document = *file.document;
  if (document.kind(document.root()) != Jsonc::Kind::object) {
    Finding& finding = doctor.tell("F801", file.path, file.path + " is not a JSON object.");
    finding.evidence = {at_line_of(file.path, 1)};
    return weigh(finding, doctor, file);
  }
  if (!document.trailing_commas().empty()) {
    const Position at = document.position_of_offset(document.trailing_commas().front());
    Finding& finding = doctor.tell("F801", file.path,
                                   file.path + " has a trailing comma (" + settings_place_text(at) +
                                       "), which Qwen Code refuses.");
    for (const std::uint32_t offset : document.trailing_commas())
      finding.evidence.push_back(at_line_of(file.path, document.position_of_offset(offset).line) +
                                 ": trailing comma");
    offer_repair(finding, file, "Take the trailing commas out");
    weigh(finding, doctor, file);
  } else if (document.text().starts_with(bom)) {
    const bool is_read = doctor.in.rules.reads_byte_order_mark;
    Finding& finding =
        doctor.tell("F801", file.path,
                    file.path + " begins with a byte order mark" +
                        (is_read ? ", which this version of Qwen Code skips and older ones refuse."
                                 : ", which this version of Qwen Code refuses."));
    finding.evidence = {at_line_of(file.path, 1) + ": U+FEFF"};
    if (is_read) finding.severity = Severity::warning;
    offer_repair(finding, file, "Take the byte order mark out");
    weigh(finding, doctor, file);
  }
}

// ---- Members that occur twice ------------------------------------------------------------------

struct Duplicate {
  Path path;
  Jsonc::Node former = Jsonc::none, latter = Jsonc::none;
};

void find_duplicates(const Jsonc& document, Jsonc::Node node, Path& path,
                     std::vector<Duplicate>& found) {
  std::map<std::string, Jsonc::Node> seen;
  std::size_t index = 0;
  for (const Jsonc::Node child : document.children(node)) {
    const bool is_member = document.kind(node) == Jsonc::Kind::object;
    path.push_back(is_member ? document.key(child) : std::to_string(index++));
    if (is_member)
      if (const auto [former, is_new] = seen.emplace(path.back(), child); !is_new)
        found.push_back({path, std::exchange(former->second, child), child});
    find_duplicates(document, child, path, found);
    path.pop_back();
  }
}

// Whether the former says anything that the latter does not.
bool is_hiding(const Jsonc& document, Jsonc::Node former, Jsonc::Node latter) {
  const bool are_objects =
      document.kind(former) == Jsonc::Kind::object && document.kind(latter) == Jsonc::Kind::object;
  if (!are_objects) return !is_same(document, former, document, latter);
  return std::ranges::any_of(document.children(former), [&](Jsonc::Node child) {
    const Jsonc::Node same = document.member(latter, document.key(child));
    return same == Jsonc::none || is_hiding(document, child, same);
  });
}

// Whether it is of what model, endpoint and key are taken from.
bool decides(DoctorCase& doctor, const Path& path) {
  constexpr auto sections = std::to_array<std::string_view>(
      {"env", "modelProviders", "providerProtocol", "security", "model"});
  if (std::ranges::find(sections, path.front()) == sections.end()) return false;
  return path.front() != "env" || path.size() < 2 || doctor.key_names().contains(path[1]);
}

void examine_duplicates(DoctorCase& doctor, const SettingsFile& file) {
  if (!file.document || is_of_system(file)) return;
  const Jsonc& document = *file.document;
  std::vector<Duplicate> all;
  Path path;
  find_duplicates(document, document.root(), path, all);
  std::vector<std::string> hiding, equal, names;
  bool is_serious = false;
  for (const Duplicate& one : all) {
    const bool hides = is_hiding(document, one.former, one.latter);
    if (hides) names.push_back(path_text(one.path));
    is_serious = is_serious || (hides && decides(doctor, one.path));
    (hides ? hiding : equal)
        .push_back(path_text(one.path) + ": " +
                   at_line_of(file.path, document.position(one.former).line) + " and line " +
                   std::to_string(document.position(one.latter).line));
  }
  if (!hiding.empty()) {
    Finding& finding =
        doctor.tell("F801", file.path,
                    join(names, ", ") + (names.size() == 1 ? " occurs" : " occur") + " twice in " +
                        file.path + ": the last one counts, and hides what the first one says.");
    finding.evidence = std::move(hiding);
    if (!is_serious) finding.severity = Severity::warning;
    doctor.offer_command(finding, "Put the two together", "$EDITOR " + shell_quoted(file.path));
    weigh(finding, doctor, file);
  }
  if (equal.empty()) return;
  Finding& finding = doctor.tell(
      "F806", file.path,
      (equal.size() == 1 ? "A member of " : std::to_string(equal.size()) + " members of ") +
          file.path + (equal.size() == 1 ? " occurs" : " occur") +
          " twice, and says the same both times.");
  finding.evidence = std::move(equal);
}

void examine_writability(DoctorCase& doctor, const SettingsFile& file) {
  if (is_of_system(file)) return;
  const PathFacts* facts = doctor.facts(file.path);
  if (!facts || facts->is_writable) return;
  // A workspace without settings is nothing that anybody wants to write.
  if (file.scope == Scope::workspace && !file.exists) return;
  const std::string& link = facts->link.empty() ? file.facts.link : facts->link;
  const bool is_nix = link.find("/nix/store/") != std::string::npos;
  Finding& finding = doctor.tell(
      "F803", file.path,
      file.path + (is_nix ? " is managed by Nix (" + link + "), so nothing can be saved there."
                   : !link.empty() ? " is a symlink to " + link + ", which cannot be written."
                   : file.exists && !file.facts.is_ours
                       ? " belongs to another user, so nothing can be saved there."
                       : " cannot be written, so nothing can be saved there."));
  finding.evidence = {file.path + (file.exists ? ", mode " + octal(file.facts.mode) : "") +
                      (link.empty() ? "" : " -> " + link)};
  // Only a set-up that is saved elsewhere goes on working.
  if (file.scope == Scope::workspace) finding.severity = Severity::warning;
  if (is_nix)
    doctor.offer_command(finding, "Change it where Nix makes it, or save to the folder's settings",
                         "qwen-authctl setup --scope workspace");
  else if (file.exists && !file.facts.is_ours)
    doctor.offer_command(finding, "Make it yours",
                         "sudo chown \"$(id -u):$(id -g)\" " + shell_quoted(file.path));
  else
    doctor.offer_command(
        finding, "Make it writable",
        "chmod u+w " + shell_quoted(file.exists ? file.path : parent_folder(file.path)));
}

// ---- F804, F805: files with keys ---------------------------------------------------------------

struct KeptKeys {
  std::string path;
  std::vector<std::string> lines;  // evidence: where the keys stand
  PathFacts facts;
  bool is_other_programs = false;  // a project's .env without a variable that Qwen Code reads
};

void offer_mode(Finding& finding, const std::string& path, unsigned mode) {
  Fix fix;
  fix.kind = FixKind::automatic;
  fix.title = "Make it private (" + octal(mode) + ")";
  fix.action = ChangeMode{path, mode};
  fix.command = "chmod " + octal(mode).substr(1) + " " + shell_quoted(path);
  fix.preview = path + ": mode " + octal(mode) + "\n";
  finding.fixes.push_back(std::move(fix));
}

void examine_mode(DoctorCase& doctor, const KeptKeys& file) {
  if (!file.facts.is_ours) {
    Finding& finding =
        doctor.tell("F804", file.path,
                    file.path + " holds a key and belongs to another user, who can read it.");
    finding.evidence = file.lines;
    doctor.offer_command(finding, "Make it yours",
                         "sudo chown \"$(id -u):$(id -g)\" " + shell_quoted(file.path));
    return;
  }
  const unsigned loose = file.facts.mode & 0077U;
  if (loose == 0) return;
  Finding& finding =
      doctor.tell("F804", file.path,
                  file.path + " holds a key and can be " + ((loose & 0044U) ? "read" : "changed") +
                      " by other users of this machine (mode " + octal(file.facts.mode) + ").");
  if (file.is_other_programs) finding.severity = Severity::info;
  finding.evidence = file.lines;
  offer_mode(finding, file.path, 0600);
}

void examine_git(DoctorCase& doctor, const KeptKeys& file) {
  const GitState state = file.facts.git;
  if (state != GitState::tracked && state != GitState::untracked) return;
  const bool is_tracked = state == GitState::tracked;
  Finding& finding = doctor.tell(
      "F805", file.path,
      is_tracked ? "git tracks " + file.path + ", which holds a key: treat the key as leaked."
                 : "git does not ignore " + file.path +
                       ", which holds a key: `git add .` would take it along.");
  finding.evidence = file.lines;
  if (!is_tracked) finding.severity = Severity::warning;
  std::string command;
  if (is_tracked) command = "git rm --cached " + shell_quoted(file.path);
  if (!file.facts.exclude_file.empty())
    command += (command.empty() ? "" : " && ") + std::string("echo ") +
               shell_quoted(file.facts.git_rule) + " >> " + shell_quoted(file.facts.exclude_file);
  doctor.offer_command(
      finding, is_tracked ? "Take it out of git, and replace the key" : "Have git ignore it",
      std::move(command));
}

std::vector<KeptKeys> files_with_keys(DoctorCase& doctor) {
  std::vector<KeptKeys> kept;
  for (const SettingsFile* file : all_files(doctor.files)) {
    if (!file->document || is_of_system(*file)) continue;
    KeptKeys keys{file->path, {}, {}};
    for (const Jsonc::Node node : literal_keys(*file->document)) {
      const std::string name = file->document->key(node);
      keys.lines.push_back(at_line_of(file->path, file->document->position(node).line) + ": " +
                           (name.empty() ? "a key" : name) + " = " +
                           shown_value(file->document->string(node)));
    }
    if (keys.lines.empty()) continue;
    if (const PathFacts* facts = doctor.facts(file->path)) keys.facts = *facts;
    keys.facts.mode = file->facts.mode;
    keys.facts.is_ours = file->facts.is_ours;
    kept.push_back(std::move(keys));
  }
  for (const DotenvFile& file : doctor.in.surroundings.dotenvs) {
    const PathFacts* facts = doctor.facts(file.path);
    if (!file.exists || !facts) continue;
    KeptKeys keys{file.path, {}, *facts};
    for (const DotenvEntry& entry : file.entries)
      if (is_literal_key(entry) ||
          (doctor.key_names().contains(entry.name) && entry.value.size() >= 12))
        keys.lines.push_back(at_line_of(file.path, entry.line) + ": " + entry.name + " = " +
                             shown_value(entry.value));
    const std::string folder = parent_folder(file.path);
    const std::set<std::string>& names = doctor.key_names();
    keys.is_other_programs =
        folder != doctor.in.environment.home && folder != parent_folder(doctor.files.user.path) &&
        !folder.ends_with("/.qwen") &&
        std::ranges::none_of(file.entries,
                             [&](const DotenvEntry& entry) { return names.contains(entry.name); });
    if (!keys.lines.empty()) kept.push_back(std::move(keys));
  }
  return kept;
}

void examine_folder(DoctorCase& doctor) {
  const std::string folder = parent_folder(doctor.files.user.path);
  const PathFacts* facts = doctor.facts(folder);
  if (!facts || (facts->mode & 0002U) == 0) return;
  Finding& finding =
      doctor.tell("F804", folder,
                  folder + " can be written by every user of this machine (mode " +
                      octal(facts->mode) + "), who could put settings of theirs there.");
  finding.evidence = {folder + ", mode " + octal(facts->mode)};
  if (facts->is_ours) offer_mode(finding, folder, facts->mode & 0755U);
}

void examine_backups(DoctorCase& doctor) {
  for (const std::string& path : doctor.in.backups) {
    const PathFacts* facts = doctor.facts(path);
    if (!facts) continue;
    const KeptKeys copy{path, {path + ": a copy, with keys"}, *facts};
    examine_mode(doctor, copy);
    examine_git(doctor, copy);
  }
}

void examine_lossy_writes(DoctorCase& doctor) {
  for (const LossyWrite& write : doctor.in.lossy_writes) {
    Finding& finding = doctor.tell("F802", write.path, write.notice.message);
    finding.evidence = {write.path + ", " + write.at};
    if (write.notice.keys.empty()) {
      doctor.offer_command(finding, "See the comments, and put them back by hand",
                           "qwen-authctl diff " + write.snapshot);
      continue;
    }
    std::string command = "qwen-authctl restore " + write.snapshot;
    for (const Path& key : write.notice.keys)
      command += " --member " + shell_quoted(path_text(key));
    doctor.offer_command(finding, "Put back what is missing", std::move(command));
  }
}

}  // namespace

void examine_files(DoctorCase& doctor) {
  for (const SettingsFile* file : all_files(doctor.files)) {
    examine_text(doctor, *file);
    examine_duplicates(doctor, *file);
    examine_writability(doctor, *file);
  }
  const std::string& trust = doctor.in.surroundings.trust_trouble;
  if (!trust.empty()) doctor.tell("F801", "trustedFolders.json", trust);
  if (!doctor.in.key_file_trouble.empty())
    doctor.tell("F801", "keys.json", doctor.in.key_file_trouble).severity = Severity::warning;
  for (const KeptKeys& file : files_with_keys(doctor)) {
    examine_mode(doctor, file);
    examine_git(doctor, file);
  }
  examine_folder(doctor);
  examine_backups(doctor);
  examine_lossy_writes(doctor);
}

}  // namespace authd::core
