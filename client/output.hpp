// What a command prints. With --json: one document on stdout and nothing else there.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "client/fault.hpp"
#include "client/line.hpp"

namespace authd::client {

// What standard output did not take. A reader that went away (EPIPE) is no failure.
struct OutputFailure : std::runtime_error {
  using runtime_error::runtime_error;
};

// The bytes as they are. OutputFailure.
void print_text(std::string_view bytes);

// Whether colours are wanted on this descriptor: a terminal, NO_COLOR unset, TERM not dumb.
bool wants_colours(int descriptor);

// Indented, harmless for a terminal.
std::string json_text(const Json& value);

// OutputFailure, where it is standard output.
void print_json(const Json& value);
void print_lines(int descriptor, const std::vector<Line>& lines);

// What the daemon says in the words of its interface, in those of the command line.
std::string said_in_a_shell(std::string text);

// The message, where in the file (path:line:column), more about it, the members that a later edit
// touched as well, and the hint, as far as there are any.
std::vector<std::string> fault_texts(const Fault& fault);
std::vector<Line> fault_lines(const Fault& fault, std::size_t columns);

// On stderr for a person, as {"error": …} on stdout for a program. Returns its exit code.
ExitCode report(const Fault& fault, bool json);

// Columns of the terminal behind `descriptor`, 100 where there is none.
std::size_t output_columns(int descriptor);

}  // namespace authd::client
