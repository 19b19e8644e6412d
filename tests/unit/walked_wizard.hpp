// A wizard with these answers given, in order.
#pragma once

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

#include "daemon/core/wizard.hpp"

namespace authd::test {

inline core::Wizard walked(std::initializer_list<std::string_view> answers, const std::string& flow = "custom-api-key") {
  auto wizard = core::Wizard::start(flow);
  if (!wizard) throw std::runtime_error("no flow");
  for (const std::string_view answer : answers)
    if (auto ok = wizard->submit(wizard->step_id(), Secret(answer)); !ok) throw std::runtime_error(ok.error().message);
  return *std::move(wizard);
}

}  // namespace authd::test
