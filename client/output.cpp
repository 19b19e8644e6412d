#include "client/output.hpp"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "client/characters.hpp"
#include "client/members.hpp"

namespace authd::client {
namespace {

constexpr std::size_t columns_without_terminal = 100;

void write_out(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno != EPIPE && descriptor == STDOUT_FILENO)
      throw OutputFailure(std::string("Cannot write to standard output: ") + strerror(errno) + ".");
    if (written <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

// What the daemon says in the words of its interface, and what that is on the command line.
constexpr std::array<std::pair<std::string_view, std::string_view>, 23> words_of_the_shell{{
    {"Method not found",
     "The daemon that runs is older than this program. `qwen-authctl daemon stop` ends it; the "
     "next "
     "command starts the new one."},
    {"Ask for the repair (repair: true), which removes it in the same write.",
     "`settings set`, `apply` and `setup` remove it with --repair."},
    {"Give context.cwd, or choose the user scope.",
     "Go to another directory, or choose --scope user."},
    {"A relative path needs context.cwd.",
     "A relative path needs a current directory that exists."},
    {"Remove the member without purge.", "Remove the member without --purge."},
    {"with endpoint.apiKey,", "with --key-stdin,"},
    {"with apiKey,", "with --key-stdin,"},
    {"with baseUrl.", "with --base-url."},
    {"context.cliVersion must", "--cli-version must"},
    {"settings.history lists", "`qwen-authctl history` lists"},
    {"settings.diff shows", "`qwen-authctl diff` shows"},
    {"settings.remove takes", "`qwen-authctl settings remove` takes"},
    {"models.list lists", "`qwen-authctl models` lists"},
    {"keys.list lists", "`qwen-authctl keys` lists"},
    {"providers.list lists", "`qwen-authctl rpc providers.list` lists"},
    {"wizard.flows lists", "`qwen-authctl rpc wizard.flows` lists"},
    {"Call wizard.start for a new one.", "Begin the set-up again."},
    {"wizard.state shows the current step.", "Begin the set-up again."},
    {"Call wizard.commit to save, or wizard.back.", "Save, or go back."},
    {"params.document", "document"},
    {"Name the host in consent.hosts,", "Name the host with --consent,"},
    {"It is asked once consent.hosts names the host.", "--consent HOST allows it."},
    {"they can be asked, if consent.hosts names their hosts.", "--yes-sweep asks them."},
}};

// "path:line:column", as far as the error says.
std::string place(const Json& data) {
  std::string text = shown(data, "path");
  if (text.empty()) return text;
  for (const char* name : {"line", "column"}) {
    if (!member(data, name).is_number_integer()) break;
    text += ":" + std::to_string(member(data, name).get<long>());
  }
  return text;
}

// Both sides of a member that a later edit touched, too. The daemon has masked the values.
std::string conflict_text(const Json& conflict) {
  std::string text = shown(conflict, "path");
  const std::pair<const char*, const char*> sides[] = {
      {"before", "to put back: "}, {"after", "was written: "}, {"now", "stands now:  "}};
  for (const auto& [name, label] : sides) {
    const bool absent = !conflict.is_object() || !conflict.contains(name);
    text += std::string("\n  ") + label +
            (absent ? "no such member" : printable_line(dump(member(conflict, name))));
  }
  return text;
}

}  // namespace

std::string said_in_a_shell(std::string text) {
  for (const auto& [wire, shell] : words_of_the_shell)
    if (const std::size_t at = text.find(wire); at != std::string::npos)
      text.replace(at, wire.size(), shell);
  return text;
}

bool wants_colours(int descriptor) {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool dumb = term == nullptr || std::string_view(term) == "dumb";
  return isatty(descriptor) == 1 && !dumb && (no_colour == nullptr || no_colour[0] == '\0');
}

std::string json_text(const Json& value) {
  return printable_json(value.dump(2, ' ', false, Json::error_handler_t::replace));
}

void print_text(std::string_view bytes) { write_out(STDOUT_FILENO, bytes); }

void print_json(const Json& value) { print_text(json_text(value) + "\n"); }

void print_lines(int descriptor, const std::vector<Line>& lines) {
  const bool colours = wants_colours(descriptor);
  std::string bytes;
  for (const Line& line : lines) bytes += encoded(line, colours) + "\n";
  write_out(descriptor, bytes);
}

std::vector<std::string> fault_texts(const Fault& fault) {
  std::vector<std::string> texts{printable(said_in_a_shell(fault.message()))};
  const auto add = [&](std::string text) {
    if (!text.empty()) texts.push_back(std::move(text));
  };
  add(place(fault.data()));
  add(printable(text_member(fault.data(), "detail")));
  for (const Json& conflict : list_member(fault.data(), "conflicts")) add(conflict_text(conflict));
  add(printable(said_in_a_shell(text_member(fault.data(), "hint"))));
  return texts;
}

std::vector<Line> fault_lines(const Fault& fault, std::size_t columns) {
  std::vector<Line> lines;
  for (const std::string& text : fault_texts(fault)) {
    const bool first = lines.empty();
    const Line lead = first ? line("✗ ", Tone::bad) : line("  ");
    for (Line& more : wrapped_after(lead, text, columns, first ? Tone::plain : Tone::faint))
      lines.push_back(std::move(more));
  }
  return lines;
}

ExitCode report(const Fault& fault, bool json) {
  if (json)
    print_json({{"error", fault.error}});
  else
    print_lines(STDERR_FILENO, fault_lines(fault, output_columns(STDERR_FILENO)));
  return fault.exit_code;
}

std::size_t output_columns(int descriptor) {
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col < 20)
    return columns_without_terminal;
  return std::min<std::size_t>(size.ws_col, columns_without_terminal);
}

}  // namespace authd::client
