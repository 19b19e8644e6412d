// The protocols that Qwen Code speaks, and every provider that can be set up by name: rows of data.
// A row in provider.cpp is all that a new provider needs: its flow, its steps, what is written and
// what is removed follow from it (facts, 4, 5 and 10).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/json.hpp"

namespace authd::core {

struct Example {
  std::string_view label;
  std::string_view value;
};

struct Protocol {
  std::string_view id;  // the modelProviders key and the value of security.auth.selectedType
  std::string_view label;
  std::string_view description;
  std::span<const Example> base_url_examples;
};

std::span<const Protocol> protocols();

// nullptr where there is no such protocol.
const Protocol* find_protocol(std::string_view id);

// A region or a plan of one vendor.
struct Endpoint {
  std::string_view id, label;
  std::string_view base_url;
  std::string_view name_prefix = {};  // where it differs from the provider's own
  std::string_view documentation_url = {};
};

// A model that is offered without being asked for. What is 0 or false is not written.
struct TemplateModel {
  std::string_view id;
  int context_window = 0;  // tokens
  bool thinking = false;   // generationConfig.extra_body.enable_thinking
  bool image = false, video = false;
  std::string_view description = {};
};

// Which entries of a file are the provider's own, besides having its env key.
enum class Ownership {
  by_endpoint,          // the base URL is one of its endpoints
  by_endpoint_or_name,  // or the name starts with its prefix
  by_host,              // the host is that of its endpoint, or below its domain
  by_variable,          // nothing else is asked: the base URL is the user's
};

struct Provider {
  std::string_view id, title, description;
  std::string_view env_key;
  std::string_view name_prefix;  // "[DeepSeek]"; empty = the model's id is its name
  std::span<const Endpoint> endpoints;
  std::span<const TemplateModel> models = {};
  // Where an endpoint orders its models otherwise: ids, for the endpoint at the same place.
  std::span<const TemplateModel> models_of_second_endpoint = {};
  Ownership ownership = Ownership::by_endpoint;
  std::span<const Example> headers = {};  // generationConfig.customHeaders
  bool models_are_fixed = false;          // a template, not a question
  std::string_view placeholder_key = {};  // on this machine: written where no key is needed
  std::string_view key_prefix = {};       // what its keys begin with, as a hint
  std::string_view metadata = {};         // "codingPlan": {region, version} is written
  std::string_view replaces = {};         // a provider whose entries, key and metadata are removed
  std::string_view saved_message = {};    // the documentation's; {models} is their number
  std::string_view documentation_url = {};
  std::string_view vendor = {};      // where several rows are plans of one vendor
  bool endpoints_are_plans = false;  // else they are regions of one plan

  // Whose plans and regions may see one another's keys: the vendor, or the title.
  std::string_view vendor_name() const { return vendor.empty() ? title : vendor; }
  // The user says where it runs.
  bool is_local() const { return !placeholder_key.empty(); }
  std::span<const TemplateModel> models_at(std::string_view base_url) const;
  // nullptr where the base URL is none of its endpoints'.
  const Endpoint* endpoint_at(std::string_view base_url) const;
  const Endpoint* find_endpoint(std::string_view endpoint_id) const;
  // "[DeepSeek] model"
  std::string name_of(std::string_view model, std::string_view base_url) const;
  bool owns(std::string_view env_key, std::string_view base_url, std::string_view name) const;
  // A new entry, with its generationConfig. The members are in the order that Qwen Code wrote.
  OrderedJson entry(std::string_view model, std::string_view base_url) const;
};

std::span<const Provider> providers();
const Provider* find_provider(std::string_view id);
// Whose entry this is; nullptr where it is nobody's.
const Provider* owner_of(std::string_view env_key, std::string_view base_url,
                         std::string_view name);

}  // namespace authd::core
