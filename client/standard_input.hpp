// What a command reads from standard input or from a file in its stead, with signals heeded.
#pragma once

#include <string>

#include "client/fault.hpp"
#include "client/signal_inbox.hpp"
#include "protocol/secret.hpp"

namespace authd::client {

// The signals that end a command which waits for input or for the daemon.
SignalInbox command_signals();

// Everything up to the end, as it is. More than a message may hold is a fault.
Outcome<Secret> read_all(int descriptor, SignalInbox& signals);

// The same of a file, or of a named pipe.
Outcome<Secret> read_file(const std::string& path, SignalInbox& signals);

// One secret: all of standard input without the line break at its end; on a terminal one line,
// asked for by `prompt` and not shown. Nothing, and what is not UTF-8, is a fault.
Outcome<Secret> secret_from_stdin(const char* prompt, SignalInbox& signals);

// A question on stderr that y or yes answers; anything else, and the end of the input, is no.
Outcome<bool> confirmed(const std::string& question, SignalInbox& signals);

}  // namespace authd::client
