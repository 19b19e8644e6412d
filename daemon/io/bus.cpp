#include "daemon/io/bus.hpp"

#include <poll.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>

#include "daemon/core/redact.hpp"

namespace authd::io {
namespace {

using Clock = std::chrono::steady_clock;
using Bus = std::unique_ptr<sd_bus, decltype(&sd_bus_close_unref)>;
using Message = std::unique_ptr<sd_bus_message, decltype(&sd_bus_message_unref)>;

std::unexpected<Error> failed(const std::string& why) {
  return fail(ErrorKind::sync_failed, why, {},
              "Nothing was changed; `qwen-authctl exec` and `env` need no bus.");
}

std::string name_of(BusOrder::Target target) {
  return target == BusOrder::Target::systemd ? "The systemd of the user" : "The message bus";
}

// What came of a call that is made without waiting.
struct Answer {
  bool has_come = false;
  std::optional<std::string> error;  // in the other side's words
};

int take_answer(sd_bus_message* message, void* data, sd_bus_error*) {
  auto& answer = *static_cast<Answer*>(data);
  answer.has_come = true;
  if (const sd_bus_error* error = sd_bus_message_get_error(message))
    answer.error = error->message != nullptr ? error->message : error->name;
  return 0;
}

// Below 0 is an errno.
int fill_assignments(sd_bus_message* call, const BusOrder& order) {
  int result = sd_bus_message_open_container(call, 'a', "s");
  for (const auto& [name, value] : order.set) {
    std::string assignment = name + "=" + std::string(value.reveal());
    if (result >= 0) result = sd_bus_message_append(call, "s", assignment.c_str());
    wipe(assignment);
  }
  for (const std::string& name : order.unset)
    if (result >= 0) result = sd_bus_message_append(call, "s", name.c_str());
  return result < 0 ? result : sd_bus_message_close_container(call);
}

int fill_dictionary(sd_bus_message* call, const BusOrder& order) {
  int result = sd_bus_message_open_container(call, 'a', "{ss}");
  const auto add = [&](const std::string& name, std::string text) {
    if (result >= 0) result = sd_bus_message_append(call, "{ss}", name.c_str(), text.c_str());
    wipe(text);
  };
  for (const auto& [name, value] : order.set) add(name, std::string(value.reveal()));
  for (const std::string& name : order.unset) add(name, "");
  return result < 0 ? result : sd_bus_message_close_container(call);
}

int new_call(sd_bus* bus, const BusOrder& order, sd_bus_message** call) {
  const bool is_systemd = order.target == BusOrder::Target::systemd;
  const int made = is_systemd ? sd_bus_message_new_method_call(
                                    bus, call, "org.freedesktop.systemd1",
                                    "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
                                    order.set.empty() ? "UnsetEnvironment" : "SetEnvironment")
                              : sd_bus_message_new_method_call(
                                    bus, call, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                    "org.freedesktop.DBus", "UpdateActivationEnvironment");
  if (made < 0) return made;
  sd_bus_message_sensitive(*call);  // wiped when it goes
  return is_systemd ? fill_assignments(*call, order) : fill_dictionary(*call, order);
}

int open_bus(const std::string& address, sd_bus** bus) {
  int result = sd_bus_new(bus);
  if (result >= 0) result = sd_bus_set_address(*bus, address.c_str());
  if (result >= 0) result = sd_bus_set_bus_client(*bus, 1);
  return result < 0 ? result : sd_bus_start(*bus);
}

// Until the answer is there. An errno, or 0.
int wait_for(sd_bus* bus, const Answer& answer, Clock::time_point deadline,
             const StopSignal& stop) {
  while (!answer.has_come) {
    const int processed = sd_bus_process(bus, nullptr);
    if (processed < 0) return -processed;
    if (processed > 0) continue;
    if (stop.is_requested()) return ECANCELED;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return ETIMEDOUT;
    const int events = sd_bus_get_events(bus);
    std::array<pollfd, 2> ready{
        pollfd{sd_bus_get_fd(bus), static_cast<short>(std::max(events, 0)), 0},
        pollfd{stop.fd(), POLLIN, 0}};
    uninterrupted([&] { return poll(ready.data(), ready.size(), static_cast<int>(left)); });
  }
  return 0;
}

}  // namespace

std::string user_bus_address(const core::Environment& environment) {
  const std::string address = environment.get("DBUS_SESSION_BUS_ADDRESS");
  if (!address.empty()) return address;
  const std::string runtime = environment.get("XDG_RUNTIME_DIR");
  return "unix:path=" +
         (runtime.starts_with("/") ? runtime : "/run/user/" + std::to_string(geteuid())) + "/bus";
}

Result<void> update_activation(const BusOrder& order, std::chrono::milliseconds timeout,
                               const StopSignal& stop) {
  const auto deadline = Clock::now() + timeout;
  sd_bus* opened = nullptr;
  const int started = open_bus(order.address, &opened);
  const Bus bus(opened, sd_bus_close_unref);
  const auto no_bus = [](int error) {
    return failed("The user's message bus cannot be reached: " + std::string(std::strerror(error)) +
                  ".");
  };
  if (started < 0) return no_bus(-started);
  sd_bus_message* made = nullptr;
  const int filled = new_call(bus.get(), order, &made);
  const Message call(made, sd_bus_message_unref);
  if (filled < 0)
    return failed(
        "The variables cannot be sent over D-Bus: " + std::string(std::strerror(-filled)) + ".");
  Answer answer;
  const auto patience = std::chrono::duration_cast<std::chrono::microseconds>(timeout).count();
  const int sent = sd_bus_call_async(bus.get(), nullptr, call.get(), take_answer, &answer,
                                     static_cast<std::uint64_t>(patience));
  if (sent < 0) return no_bus(-sent);
  if (const int error = wait_for(bus.get(), answer, deadline, stop)) {
    if (error != ETIMEDOUT && error != ECANCELED) return no_bus(error);
    return fail(ErrorKind::sync_failed, name_of(order.target) + " did not answer in time.", {},
                "It may have taken the variables all the same; try again.");
  }
  if (!answer.error) return {};
  std::string said = *answer.error;
  for (const auto& [name, value] : order.set) said = core::without_secret(said, value.reveal());
  return failed(name_of(order.target) +
                " did not take the variables: " + core::printable(core::without_credentials(said)));
}

}  // namespace authd::io
