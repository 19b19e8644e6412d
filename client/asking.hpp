// Whether a person can be asked something, and how.
#pragma once

#include <memory>

#include "client/arguments.hpp"
#include "client/frontend.hpp"

namespace authd::client {

enum class Asking {
  no,           // a script: what is missing is an error
  interactive,  // arrow keys, drawn in place
  plain,        // numbered questions, line by line
};

// Standard input and output are terminals, and text is wanted.
bool on_terminal(const Arguments& arguments);

// For a wizard, which can be answered line by line from a pipe as well. Keys come from the terminal
// itself where standard input brings the API key.
Asking asking_of_wizard(const Arguments& arguments);

// For a question of a command: only on a terminal.
Asking asking_of_command(const Arguments& arguments);

// Owns the terminal's mode as long as it lives. Not for Asking::no.
std::unique_ptr<Frontend> make_frontend(Asking asking);

}  // namespace authd::client
