// The rows are data: which words, from whom, with which status, and what they prove.
#include "daemon/core/error_texts.hpp"

#include <algorithm>
#include <vector>

#include "daemon/core/phrase_index.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"

namespace authd::core {
namespace {

constexpr Vendor vendor_table[] = {
    {.id = "alibaba",
     .title = "Alibaba Cloud Model Studio",
     .domains = {"aliyuncs.com"},
     .consoles = {"help.aliyun.com", "model-studio/error-code", "bailian.console.aliyun.com",
                  "modelstudio.console.alibabacloud.com", "alibabacloud.com/help",
                  "dashscope.console.aliyun.com"},
     .has_regions = true,
     .has_plans = true},
    {.id = "openai",
     .title = "OpenAI",
     .domains = {"openai.com"},
     .consoles = {"platform.openai.com"}},
    {.id = "anthropic",
     .title = "Anthropic",
     .domains = {"anthropic.com", "claude.com"},
     .consoles = {"console.anthropic.com", "docs.anthropic.com", "platform.claude.com",
                  "docs.claude.com", "anthropic api"}},
    {.id = "google",
     .title = "Google",
     .domains = {"googleapis.com"},
     .consoles = {"aistudio.google.com", "ai.google.dev", "generativelanguage.googleapis.com",
                  "type.googleapis.com"}},
    {.id = "openrouter",
     .title = "OpenRouter",
     .domains = {"openrouter.ai"},
     .consoles = {"openrouter.ai/keys", "openrouter.ai/settings", "openrouter.ai/docs",
                  "openrouter.ai/credits"},
     .relays = true},
    {.id = "zai",
     .title = "Z.AI",
     .domains = {"z.ai", "bigmodel.cn"},
     .consoles = {"bigmodel.cn", "z.ai/manage-apikey", "docs.z.ai", "z.ai/model-api",
                  "z.ai/subscribe"},
     .has_plans = true},
    {.id = "deepseek",
     .title = "DeepSeek",
     .domains = {"deepseek.com"},
     .consoles = {"platform.deepseek.com", "api-docs.deepseek.com"}},
    {.id = "moonshot",
     .title = "Kimi (Moonshot AI)",
     .domains = {"moonshot.ai", "moonshot.cn", "kimi.com", "kimi.ai"},
     .consoles = {"platform.moonshot.cn", "platform.moonshot.ai", "platform.kimi"},
     .has_regions = true},
    {.id = "minimax",
     .title = "MiniMax",
     .domains = {"minimax.io", "minimaxi.com", "minimax.chat"},
     .consoles = {"platform.minimaxi.com", "minimax.io/platform", "platform.minimax.io"},
     .has_regions = true},
    {.id = "xai", .title = "xAI", .domains = {"x.ai"}, .consoles = {"console.x.ai", "docs.x.ai"}},
    {.id = "groq", .title = "Groq", .domains = {"groq.com"}, .consoles = {"console.groq.com"}},
    {.id = "mistral",
     .title = "Mistral",
     .domains = {"mistral.ai"},
     .consoles = {"console.mistral.ai"}},
    {.id = "fireworks",
     .title = "Fireworks AI",
     .domains = {"fireworks.ai"},
     .consoles = {"app.fireworks.ai", "docs.fireworks.ai"}},
    {.id = "modelscope",
     .title = "ModelScope",
     .domains = {"modelscope.cn"},
     .consoles = {"modelscope.cn/docs", "modelscope.cn/my"},
     .relays = true},
    {.id = "requesty",
     .title = "Requesty",
     .domains = {"requesty.ai"},
     .consoles = {"app.requesty.ai", "docs.requesty.ai"},
     .relays = true},
    {.id = "idealab", .title = "Idealab", .domains = {"alibaba-inc.com"}, .relays = true},
    {.id = "siliconflow",
     .title = "SiliconFlow",
     .domains = {"siliconflow.cn", "siliconflow.com"},
     .consoles = {"cloud.siliconflow"},
     .has_regions = true},
    {.id = "azure", .title = "Azure", .domains = {"azure.com", "azure.cn"}, .relays = true},
};

// What a refused key, a used-up quota and so on look like. Of the rows for one status the special
// ones come first.
constexpr ErrorText answer_table[] = {
    // --- Plans
    {.code = "K201",
     .state = VerdictState::accepted_but,
     .meaning = "The key belongs to another plan than this endpoint.",
     .phrases = {"resource package", "无可用资源包"},
     .statuses = {429},
     .others = {"Q603"}},
    {.code = "K201",
     .state = VerdictState::accepted_but,
     .meaning = "The key belongs to another plan than this endpoint.",
     .phrases = {"=1113"},
     .statuses = {429},
     .weight = Weight::with_status,
     .others = {"Q603"}},
    {.code = "K201",
     .state = VerdictState::rejected,
     .meaning = "The Coding Plan's endpoint takes only the plan's own keys, of its own region, "
                "while the plan lasts.",
     .phrases = {"invalid access token or token expired", "invalid api-key", "invalid api key",
                 "incorrect api key"},
     .statuses = {401, 403},
     .endpoint = "//coding",
     .others = {"K202", "K203"}},
    {.code = "K201",
     .as_verdict = "K203",
     .state = VerdictState::rejected,
     .meaning = "The endpoint of a plan refuses a key of another plan or region, or the plan has "
                "ended.",
     .phrases = {"invalid access token or token expired"},
     .statuses = {401},
     .others = {"K202", "P401", "K203"}},
    {.code = "K201",
     .state = VerdictState::accepted_but,
     .meaning = "The key has no valid subscription of the plan whose endpoint this is.",
     .phrases = {"invalid_subscription", "no valid subscription", "subscription *is invalid",
                 "subscription *is not valid", "no active subscription"},
     .statuses = {400, 401, 402, 403, 429},
     .others = {"Q603"}},
    {.code = "Q603",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but its plan has ended.",
     .phrases = {"套餐已到期", "套餐已过期", "package has expired", "plan has expired",
                 "subscription has expired", "subscription expired"},
     .statuses = {400, 401, 402, 403, 429},
     .others = {"K201"}},
    {.code = "M501",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but its plan does not include this model.",
     .phrases = {"does not include access", "does not yet include access", "plan not support model",
                 "plan does not support", "plan does not include", "plan *not support *model",
                 "套餐暂未开放", "套餐不支持"},
     .statuses = {400, 403, 429, 500}},
    {.code = "M501",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but its plan does not include this model.",
     .phrases = {"=1311"},
     .statuses = {429},
     .weight = Weight::with_status},
    // --- Quotas with an end
    {.code = "Q602",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but its quota is used up.",
     .phrases = {"allocated quota", "limit exhausted", "allocationquota", "usage limit reached",
                 "reached your usage limit", "quota exhausted",
                 "free tier of the model has been exhausted", "key limit exceeded",
                 "usage limit for this billing cycle", "exceeded today's quota",
                 "plan quota has been exhausted", "api quota has been exhausted",
                 "usage limit exceeded", "usage quota", "token_quota_exceeded",
                 "exceeded your daily", "exceeded your weekly", "exceeded your monthly"},
     .statuses = {429, 403}},
    {.code = "Q602",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but its quota is used up.",
     .phrases = {"api usage limits", "you will regain access", "usage limit reached"},
     .statuses = {400}},
    // DashScope says of a throttled account what OpenAI says of an unpaid one.
    {.code = "Q602",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but its quota is used up.",
     .phrases = {"=insufficient_quota", "exceeded your current quota"},
     .statuses = {429},
     .vendor = "alibaba",
     .others = {"Q601"}},
    {.code = "Q602",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but its quota is used up.",
     .phrases = {"weekly",
                 "per day",
                 "per-day",
                 "perday",
                 "per_day",
                 "limit will reset",
                 "quota will reset",
                 "=1308",
                 "=1310",
                 "=1304",
                 "=tpd",
                 "=rpd",
                 "daily",
                 "byday",
                 "per 86400s",
                 "5-hour",
                 "try again tomorrow",
                 "monthly",
                 "今日",
                 "明日",
                 "每日",
                 "每周",
                 "每月",
                 "小时的使用上限"},
     .statuses = {429},
     .weight = Weight::with_status},
    // --- Unpaid, whatever the status
    {.code = "Q603",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but ModelScope wants the account bound to one of Alibaba Cloud "
                "first.",
     .phrases = {"please bind your alibaba cloud account"}},
    {.code = "Q603",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but the account is not paid for.",
     .phrases = {"arrearage", "insufficient balance", "purchased credits", "insufficient credit",
                 "credit balance is too low", "余额不足", "exceeded_current_quota_error",
                 "doesn't have any credits", "does not have any credits", "requires more credits",
                 "insufficient_user_quota", "用户额度不足", "额度已用尽", "balance *insufficient",
                 "余额*不足", "预扣费额度失败", "pre_consume_token_quota_failed",
                 "pre-consume token quota failed", "quota is not enough"}},
    {.code = "Q603",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but the account is not paid for.",
     .phrases = {"used all available credits", "spending limit", "can only afford",
                 "tokenstatusexhausted", "token quota has been exhausted", "out of credits",
                 "depleted *credits", "failure to pay", "not enough credits", "no credits left",
                 "not enough balance", "due to insufficient"}},
    {.code = "Q603",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but the budget that the gateway gives it is used up.",
     .phrases = {"budget has been exceeded", "budget_exceeded", "exceededbudget", "exceeded budget",
                 "over budget"},
     .statuses = {400, 401, 402, 403, 429},
     .others = {"Q602"}},
    {.code = "Q603",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but the account is not paid for.",
     .phrases = {"insufficient balance", "insufficient_balance"},
     .statuses = {500}},
    {.code = "Q603",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but the account is not paid for.",
     .phrases = {"insufficient_quota"},
     .others = {"Q602"}},
    {.code = "Q603",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but the account is not paid for.",
     .phrases = {"overdue", "欠费"},
     .statuses = {400, 401, 402, 403, 404, 429},
     .weight = Weight::with_status},
    {.code = "Q603",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but the account is not paid for.",
     .phrases = {"exceeded your current quota"},
     .statuses = {429},
     .vendor = "openai",
     .others = {"Q602"}},
    {.code = "Q602",
     .as_verdict = "Q601",
     .state = VerdictState::accepted_but,
     .certainty = Certainty::possible,
     .meaning = "The quota of this key is used up for a minute, a day or a month.",
     .phrases = {"exceeded your current quota"},
     .statuses = {429},
     .others = {"Q601", "Q603"}},
    // Gemini's rate limit speaks of billing too, so that a 429 has to say more.
    {.code = "Q603",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but the account is not paid for.",
     .phrases = {"billing", "exceeded your current quota", "=1113", "resource package"},
     .statuses = {400, 401, 402, 403, 404, 422},
     .weight = Weight::with_status},
    // --- The request itself, which says nothing of key and settings
    {.code = "Q601",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but the request has more tokens than may be sent in a minute.",
     .phrases = {"tokens per minute", "tokens per min"},
     .statuses = {413}},
    {.code = "",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but the request is longer than the model takes.",
     .phrases = {"maximum context length",
                 "context_length_exceeded",
                 "context limit",
                 "context window",
                 "context length",
                 "context size",
                 "prompt is too long",
                 "range of input length",
                 "input is too long",
                 "input length",
                 "model token limit",
                 "reduce the length",
                 "request entity too large",
                 "payload too large",
                 "content too large",
                 "input token count",
                 "maximum input length",
                 "must have less than *tokens",
                 "too many input tokens",
                 "exceeds the maximum number of tokens",
                 "string_above_max_length",
                 "上下文长度",
                 "输入长度"},
     .statuses = {400, 413, 422},
     .in_own_shape = true},
    {.code = "",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but the provider's content filter refuses what was said.",
     .phrases = {"inappropriate content", "datainspectionfailed", "data_inspection_failed",
                 "敏感内容", "content_filter", "content management policy", "sensitive content",
                 "content exists risk", "content_policy_violation", "flagged as potentially"},
     .statuses = {400, 403, 422},
     .in_own_shape = true},
    // --- The way of asking
    {.code = "M503",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but the model wants another kind of request.",
     .phrases = {"only support stream", "enable_thinking must", "parameter.enable_thinking",
                 "does not support http call", "only supports streaming"},
     .statuses = {400, 422},
     .in_own_shape = true},
    {.code = "M503",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but the model wants another kind of request.",
     .phrases = {"enable_thinking"},
     .statuses = {400, 422},
     .weight = Weight::with_status,
     .in_own_shape = true},
    {.code = "M502",
     .state = VerdictState::accepted_but,
     .certainty = Certainty::certain,
     .meaning = "The key is good, but this model cannot call tools, so that an agent cannot work "
                "with it.",
     .phrases = {"support tool use", "does not support tool", "do not support tool",
                 "tools are not supported", "tools is not supported", "tool use is not supported",
                 "tool calling is not supported", "function calling is not supported",
                 "not support function call", "not support tool", "--enable-auto-tool-choice",
                 "tools param requires", "tool calls are not supported",
                 "does not support function calling", "functions are not supported"},
     .statuses = {400, 404, 405, 422, 500, 501},
     .in_own_shape = true},
    {.code = "M502",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but this model refuses the way in which tools are offered.",
     .phrases = {"tool_choice"},
     .statuses = {400, 404, 422},
     .weight = Weight::with_status,
     .in_own_shape = true},
    {.code = "M502",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but this model refuses the way in which tools are offered.",
     .phrases = {"tool_choice is not supported"},
     .statuses = {400, 404, 422},
     .in_own_shape = true},
    // --- What was sent besides the key
    {.code = "K210",
     .state = VerdictState::rejected,
     .meaning = "The gateway wants the key in the header x-api-key.",
     .phrases = {"x-api-key header is required", "missing x-api-key", "x-api-key is required",
                 "x-api-key header is missing", "x-api-key header not found",
                 "x-api-key: field required", "no x-api-key", "x-api-key required"},
     .statuses = {400, 401, 403, 422}},
    {.code = "K210",
     .state = VerdictState::rejected,
     .meaning = "Azure takes the key in the header api-key, and found none that it knows there.",
     .phrases = {"audience is incorrect", "missing subscription key", "missing api-key header",
                 "api-key header is required", "api-key header is missing"},
     .statuses = {400, 401, 403},
     .others = {"K203"}},
    {.code = "E105",
     .as_verdict = "K203",
     .state = VerdictState::rejected,
     .meaning = "The request came without a key, or with an empty one.",
     .phrases = {"未收到authorization", "未提供令牌", "authentication parameter not received",
                 "missing api key", "missing bearer or basic authentication"},
     .statuses = {400, 401, 403, 422},
     .others = {"K205"}},
    {.code = "E105",
     .as_verdict = "K203",
     .state = VerdictState::rejected,
     .meaning = "The request came without a key, or with an empty one.",
     .phrases = {"no auth credentials found",
                 "no cookie auth credentials found",
                 "missing authentication header",
                 "you didn't provide an api key",
                 "did not provide an api key",
                 "no api key provided",
                 "no api-key provided",
                 "missing authorization header",
                 "authorization header is missing",
                 "authorization header is required",
                 "unregistered callers",
                 "api key is missing",
                 "missing bearer",
                 "no api key passed in",
                 "carry the api secret key",
                 "no api key found",
                 "api key is required",
                 "api key required",
                 "missing api key in request",
                 "api key not found",
                 "missing api-key"},
     .statuses = {400, 401, 403, 422},
     .others = {"K205"}},
    // --- Keys that are good for other models only
    {.code = "M501",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but this model is not available to it.",
     .phrases = {"not allowed to access model", "model_access_denied", "no access to model",
                 "无权访问模型", "not have access to *model", "model access denied",
                 "not permitted to use *model", "无权使用模型", "model *is not supported for",
                 "not have permission to *model", "model *not allowed for this"},
     .statuses = {401, 403, 404},
     .in_own_shape = true},
    // --- Refused keys
    {.code = "K203",
     .state = VerdictState::rejected,
     .meaning = "The provider knows no account for this key: it was deleted, or it is another "
                "provider's key.",
     .phrases = {"user not found", "no such user"},
     .statuses = {401},
     .weight = Weight::with_status,
     .others = {"E106"}},
    {.code = "K202",
     .as_verdict = "K203",
     .state = VerdictState::rejected,
     .meaning = "Model Studio refuses the key at this endpoint: keys of another region or plan are "
                "refused in the same words as wrong ones.",
     .phrases = {"apikey-error", "incorrect api key provided", "invalidapikey"},
     .statuses = {401},
     .vendor = "alibaba",
     .others = {"K201", "K203"}},
    {.code = "K201",
     .as_verdict = "K203",
     .state = VerdictState::rejected,
     .meaning = "Model Studio refuses the key at this endpoint: keys of another plan or region are "
                "refused in the same words as wrong ones.",
     .phrases = {"invalid api-key provided"},
     .statuses = {401},
     .others = {"K202", "K203"}},
    {.code = "K202",
     .as_verdict = "K203",
     .state = VerdictState::rejected,
     .meaning = "The provider refuses the key at this endpoint: keys of its other region are "
                "refused in the same words as wrong ones.",
     .phrases = {"invalid authentication", "invalid_authentication_error", "incorrect api key"},
     .statuses = {401},
     .vendor = "moonshot",
     .others = {"K203"}},
    {.code = "K202",
     .as_verdict = "K203",
     .state = VerdictState::rejected,
     .meaning = "The provider refuses the key at this endpoint: keys of its other region are "
                "refused in the same words as wrong ones.",
     .phrases = {"invalid api key", "login fail", "authorized_error", "=2049"},
     .statuses = {401},
     .weight = Weight::with_status,
     .vendor = "minimax",
     .others = {"K203"}},
    {.code = "K203",
     .state = VerdictState::rejected,
     .certainty = Certainty::certain,
     .meaning = "The provider refused the key.",
     .phrases = {"api_key_invalid", "api key not valid", "invalid_api_key", "invalid api key",
                 "api key expired", "incorrect api key"},
     .statuses = {400, 401, 403}},
    // Alibaba's Coding Plan says so of a key that is none of the plan's.
    {.code = "K203",
     .state = VerdictState::rejected,
     .meaning = "The provider refused the key.",
     .phrases = {"invalid api-key"},
     .statuses = {403},
     .others = {"K201"}},
    {.code = "K203",
     .state = VerdictState::rejected,
     .meaning = "The provider refused the key.",
     .phrases = {"invalid x-api-key",
                 "invalid bearer token",
                 "authentication fails",
                 "invalid api-key",
                 "invalidapikey",
                 "authentication_error",
                 "invalid authentication",
                 "令牌已过期",
                 "身份验证失败",
                 "token expired or incorrect",
                 "invalid token",
                 "invalid key",
                 "invalid credentials",
                 "authenticationerror",
                 "incorrect api-key",
                 "api key is invalid",
                 "api key provided is invalid",
                 "invalid access token",
                 "无效的令牌",
                 "valid modelscope token",
                 "invalid proxy server token"},
     .statuses = {401, 403}},
    {.code = "K203",
     .state = VerdictState::rejected,
     .meaning = "The provider refused the key.",
     .phrases = {"\"error\":\"unauthorized\"", "\"error\": \"unauthorized\"",
                 "\"message\":\"unauthorized\"", "\"message\": \"unauthorized\"", "invalid apikey",
                 "expired key", "expired_key", "organization has been disabled"},
     .statuses = {400, 401, 403}},
    {.code = "K203",
     .state = VerdictState::rejected,
     .meaning = "The provider refused the key: it is blocked, expired or restricted.",
     .phrases = {"reported as leaked",
                 "consumer_suspended",
                 "api_key_service_blocked",
                 "api_key_http_referrer_blocked",
                 "api_key_ip_address_blocked",
                 "account_deactivated",
                 "api_key_disabled",
                 "令牌状态不可用",
                 "令牌已被禁用",
                 "用户已被封禁",
                 "invalid subscription key",
                 "key *has been disabled",
                 "key *has been revoked",
                 "key *has expired",
                 "key *is expired",
                 "token *has expired",
                 "key *is disabled",
                 "invalid *api key",
                 "api key *is invalid",
                 "authorization token非法",
                 "invalid api token"},
     .statuses = {400, 401, 403}},
    {.code = "M501",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but the API is not enabled in its project.",
     .phrases = {"service_disabled", "has not been used in project"},
     .statuses = {403}},
    {.code = "M501",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but this model is not available to it.",
     .phrases = {"unpurchased"},
     .statuses = {403}},
    {.code = "K203",
     .state = VerdictState::rejected,
     .meaning = "The provider refused the key.",
     .phrases = {"api key", "api-key", "api_key", "apikey", "authentication", "unauthenticated",
                 "unauthorized", "credential", "access token"},
     .statuses = {403},
     .weight = Weight::with_status},
    // --- The path
    {.code = "U301",
     .meaning = "There is nothing at this path: the base URL does not fit the protocol.",
     .phrases = {"invalid url (post", "invalid url (get", "cannot post /", "unknown request url",
                 "404 page not found", "404 404 page", "404 status code (no body)",
                 "no static resource", "404 not found: path", "unexpected endpoint or method",
                 "no route matched", "404 route not found"},
     .statuses = {404, 405}},
    {.code = "U301",
     .meaning = "There is nothing at this path: the base URL does not fit the protocol.",
     .phrases = {"method not allowed", "405 not allowed"},
     .statuses = {405},
     .weight = Weight::with_status},
    // --- The model
    {.code = "M501",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but the gateway has nobody who offers this model.",
     .phrases = {"model_not_found", "no available channel", "无可用渠道"},
     .statuses = {500, 503},
     .in_own_shape = true},
    {.code = "M501",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but there is no deployment of this name.",
     .phrases = {"deploymentnotfound", "deployment for this resource does not exist"},
     .statuses = {404},
     .in_own_shape = true},
    {.code = "M501",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but the provider does not offer this model.",
     .phrases = {"model_not_found",
                 "model not found",
                 "model does not exist",
                 "no such model",
                 "unknown model",
                 "does not exist or you do not have access",
                 "model not exist",
                 "try pulling it first",
                 "not found for api version",
                 "no endpoints found",
                 "is not a valid model",
                 "invalid model",
                 "model_not_supported",
                 "access to model denied",
                 "model.accessdenied",
                 "not supported for generatecontent",
                 "no allowed providers are available",
                 "does not yet include access",
                 "has been deprecated",
                 "not found the model",
                 "未找到模型",
                 "模型不存在",
                 "invalidmodel",
                 "model is not supported"},
     .statuses = {400, 403, 404, 410, 422},
     .in_own_shape = true},
    {.code = "M501",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but the provider does not offer this model.",
     .phrases = {"model *not found",
                 "model *does not exist",
                 "model *not exist",
                 "model *is not supported",
                 "model *is not available",
                 "model *unavailable",
                 "model *no longer",
                 "model *decommissioned",
                 "model *deprecated",
                 "model *not activated",
                 "not activated the model",
                 "modelnotopen",
                 "unable to access model",
                 "no models loaded",
                 "failed to load model",
                 "no provider supported",
                 "模型*不存在",
                 "模型*未开通",
                 "unsupported model",
                 "unsupported_model",
                 "model_not_available",
                 "model_decommissioned",
                 "model *not deployed"},
     .statuses = {400, 403, 404, 410, 422},
     .in_own_shape = true},
    // --- Too fast
    {.code = "Q601",
     .state = VerdictState::accepted_but,
     .meaning = "The provider has more requests than it can answer, from everybody together.",
     .phrases = {"overloaded", "访问量过大", "capacity exceeded", "at capacity"},
     .statuses = {429},
     .weight = Weight::with_status},
    {.code = "Q601",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but there were too many requests.",
     .phrases = {"rate limit reached", "rate limit exceeded", "rate_limit_error",
                 "rate_limit_exceeded", "too many requests", "throttling.ratequota",
                 "requests rate limit", "rate-limited", "rate increased too quickly", "tpm limit",
                 "rpm limit", "rate limited", "ratelimiterror", "requests per minute",
                 "limit_requests", "limit_burst_rate"},
     .statuses = {429, 503}},
    {.code = "Q601",
     .state = VerdictState::accepted_but,
     .meaning = "The key is good, but there were too many requests.",
     .phrases = {"rate limit", "resource_exhausted", "throttling", "concurrency", "=1302", "=1305"},
     .statuses = {429},
     .weight = Weight::with_status},
    // --- The provider itself
    {.code = "",
     .meaning = "The provider is overloaded: this is about neither the key nor the settings. Try "
                "again later.",
     .phrases = {"overloaded", "experiencing high demand", "访问量过大"},
     .statuses = {500, 502, 503, 504, 529}},
    {.code = "",
     .meaning = "The provider itself failed: this is about neither the key nor the settings. Try "
                "again later.",
     .phrases = {"internal server error", "server_error", "internal_server_error",
                 "modelservingerror", "upstream request failed", "upstream_error",
                 "do_request_failed", "provider returned error"},
     .statuses = {500, 502, 503, 504, 529}},
};

constexpr std::uint16_t first_console = 10000;

// The provider's phrases, each under the number of its row, and the vendors' consoles behind them.
const PhraseIndex& provider_index() {
  static const PhraseIndex index = [] {
    PhraseIndex made;
    std::uint16_t row = 0;
    for (const ErrorText& text : answer_table) {
      for (const std::string_view phrase : text.phrases) made.add(phrase, row);
      ++row;
    }
    row = first_console;
    for (const Vendor& vendor : vendor_table) {
      for (const std::string_view console : vendor.consoles) made.add(console, row);
      ++row;
    }
    return made;
  }();
  return index;
}

bool is_at_or_below_domain(std::string_view host, std::string_view domain) {
  return !domain.empty() && host.ends_with(domain) &&
         (host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.');
}

// Of a failure of the server only words prove something that are known to come with one.
bool holds_for_status(const ErrorText& row, int status) {
  return row.holds_for(status) && (status < 500 || row.statuses.front() != 0);
}

}  // namespace

std::string_view certainty_name(Certainty certainty) {
  switch (certainty) {
    case Certainty::possible: return "possible";
    case Certainty::likely: return "likely";
    case Certainty::certain: return "certain";
  }
  return "possible";
}

std::span<const Vendor> vendors() { return vendor_table; }

const Vendor* find_vendor(std::string_view id) {
  const auto found = std::ranges::find(vendor_table, id, &Vendor::id);
  return found == std::end(vendor_table) ? nullptr : &*found;
}

const Vendor* vendor_of_host(std::string_view host) {
  for (const Vendor& vendor : vendor_table)
    for (const std::string_view domain : vendor.domains)
      if (is_at_or_below_domain(host, domain)) return &vendor;
  return nullptr;
}

const Vendor* vendor_named_in(std::string_view text) {
  const Vendor* named = nullptr;
  bool is_several = false;
  provider_index().search(text, [&](std::uint16_t id, std::size_t, std::size_t) {
    if (id < first_console) return;
    const Vendor* one = &vendor_table[id - first_console];
    is_several = is_several || (named && named != one);
    named = one;
  });
  return is_several ? nullptr : named;
}

bool ErrorText::holds_for(int status) const {
  return statuses.front() == 0 || std::ranges::find(statuses, status) != statuses.end();
}

std::span<const ErrorText> provider_texts() { return answer_table; }

const ErrorText* find_provider_text(int status, std::string_view text, std::string_view base_url) {
  const std::string base = lower_ascii(base_url);
  const Vendor* const asked = vendor_of_host(parse_url(base).host);
  std::vector<bool> has_row(std::size(answer_table));
  const Vendor* named = nullptr;
  provider_index().search(text, [&](std::uint16_t id, std::size_t, std::size_t) {
    if (id < first_console)
      has_row[id] = true;
    else if (!named)
      named = &vendor_table[id - first_console];
  });
  const Vendor* const answering = named ? named : asked;
  for (std::size_t row = 0; row < has_row.size(); ++row) {
    const ErrorText& one = answer_table[row];
    if (!has_row[row] || !holds_for_status(one, status)) continue;
    if (!one.vendor.empty() && (!answering || answering->id != one.vendor)) continue;
    if (base.find(one.endpoint) == std::string::npos) continue;
    return &one;
  }
  return nullptr;
}

int status_meant_by(std::string_view text) {
  const ErrorText* first = nullptr;
  provider_index().search(text, [&](std::uint16_t id, std::size_t at, std::size_t size) {
    if (id >= first_console) return;
    const ErrorText& one = answer_table[id];
    const bool is_code = std::ranges::all_of(text.substr(at, size), is_digit);
    const bool counts = (one.weight == Weight::alone || is_code) && one.vendor.empty() &&
                        one.endpoint.empty() && (!first || &one < first);
    if (counts) first = &one;
  });
  if (!first) return 0;
  constexpr int bad_request = 400;
  return first->statuses.front() == 0 ? bad_request : first->statuses.front();
}

std::string reset_time(std::string_view text) {
  const std::string lower = lower_ascii(text);
  for (const std::string_view lead :
       {"reset at ", "resets at ", "reset on ", "resets on ", "reset after ", "resets in ",
        "reset in ", "available again at "}) {
    const std::size_t found = lower.find(lead);
    if (found == std::string::npos) continue;
    // Digits, signs between them, names of months and "UTC": up to the end of the sentence.
    constexpr std::size_t bytes_max = 40;
    const std::size_t begin = found + lead.size();
    std::size_t end = begin;
    while (end < text.size() && end - begin < bytes_max &&
           std::string_view(",;\"'()[]{}\\\n<>|").find(text[end]) == std::string_view::npos &&
           !(text[end] == '.' &&
             (end + 1 == text.size() || text[end + 1] < '0' || text[end + 1] > '9')))
      ++end;
    while (end > begin && text[end - 1] == ' ') --end;
    const std::string_view time = text.substr(begin, end - begin);
    if (std::ranges::any_of(time, [](char c) { return c >= '0' && c <= '9'; }))
      return std::string(time);
  }
  return {};
}

}  // namespace authd::core
