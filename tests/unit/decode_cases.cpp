#include "decode_cases.hpp"

namespace authd::core {
namespace {

DecodeFacts at(const std::string& base_url, const std::string& protocol = "openai") {
  DecodeFacts facts;
  facts.protocol = protocol;
  facts.base_url = base_url;
  return facts;
}

DecodeFacts plan_key_at(const std::string& base_url) {
  DecodeFacts facts = at(base_url);
  facts.has_plan_key = true;
  return facts;
}

DecodeFacts oauth() {
  DecodeFacts facts;
  facts.auth_type = "qwen-oauth";
  return facts;
}

DecodeFacts behind_proxy(const std::string& base_url) {
  DecodeFacts facts = at(base_url);
  facts.has_proxy = true;
  return facts;
}

const std::string openai_refusal =
    "Incorrect API key provided: sk-bad-0****0000. You can find your API key at https://platform.openai.com/account/api-keys.";
const std::string model_studio_refusal =
    "Incorrect API key provided. For details, see: https://help.aliyun.com/zh/model-studio/error-code#apikey-error";

}  // namespace

const std::vector<DecodeCase>& decode_cases() {
  static const std::vector<DecodeCase> cases = {
      // --- Keys: which company, which plan, which region
      {"a refusal of OpenAI that nothing else is known of", "[API Error: 401 " + openai_refusal + "]", "K208", "likely", {"K203"}},
      {"a refusal of OpenAI where Z.AI is configured", "[API Error: 401 " + openai_refusal + "]", "K208", "likely", {"K203"}, at("https://api.z.ai/api/paas/v4")},
      {"a refusal of OpenAI where OpenAI is configured", "[API Error: 401 " + openai_refusal + "]", "K203", "certain", {}, at("https://api.openai.com/v1")},
      {"a refusal of OpenAI passed on by a gateway", "[API Error: 401 " + openai_refusal + "]", "K203", "certain", {}, at("https://openrouter.ai/api/v1")},
      {"a refusal of OpenAI by a gateway on this machine", "[API Error: 401 " + openai_refusal + "]", "K203", "likely", {"K208"}, at("http://localhost:4000/v1")},
      {"a log that names the base URL and OpenAI's refusal",
       "DEBUG baseUrl: https://dashscope.aliyuncs.com/compatible-mode/v1\nError: 401 " + openai_refusal, "K208", "certain"},
      {"an OpenRouter key at OpenAI", "401 Incorrect API key provided: sk-or-v1*****9f2c. You can find your API key at https://platform.openai.com/account/api-keys.", "K208", "certain"},
      {"an OpenAI project key at OpenAI", "401 Incorrect API key provided: sk-proj-********abcd. You can find your API key at https://platform.openai.com/account/api-keys.", "K203"},
      {"Model Studio's refusal where OpenAI is configured", "[API Error: 401 " + model_studio_refusal + "]", "K208", "likely", {}, at("https://api.openai.com/v1")},
      {"Model Studio's refusal", "[API Error: 401 " + model_studio_refusal + "]", "K202", "likely", {"K201", "K203"}},
      {"Model Studio's refusal at the pay-as-you-go endpoint", "[API Error: 401 " + model_studio_refusal + "]", "K202", "likely", {"K201"},
       at("https://dashscope-intl.aliyuncs.com/compatible-mode/v1")},
      {"Model Studio's refusal of a plan's key", "[API Error: 401 " + model_studio_refusal + "]", "K201", "likely", {"K202"},
       plan_key_at("https://dashscope-intl.aliyuncs.com/compatible-mode/v1")},
      {"the Coding Plan's refusal", "[API Error: 401 invalid access token or token expired]", "K201", "likely", {"K202", "P401"}},
      {"the Coding Plan's refusal at its endpoint", "[API Error: 401 invalid access token or token expired]", "K201", "likely", {"K202"},
       at("https://coding-intl.dashscope.aliyuncs.com/v1")},
      {"the same words to a login of Qwen OAuth", "[API Error: 401 invalid access token or token expired]", "P401", "likely", {"K201"}, oauth()},
      {"a refusal in the native form", R"(Error code: 401 - {"code":"InvalidApiKey","message":"Invalid API-key provided.","request_id":"5b1f0e2c-7a"})", "K201", "likely", {"K202"}},
      {"the Coding Plan's 403", R"(HTTP 403 from https://coding.dashscope.aliyuncs.com/v1/chat/completions: {"error":{"message":"invalid api-key"}})", "K201", "likely"},
      {"Z.AI without a package", R"(429 {"error":{"code":"1113","message":"Insufficient balance or no resource package. Please recharge."}})", "K201", "likely", {"Q603"}},
      {"Zhipu without a package, in Chinese", R"([API Error: 429 {"error":{"code":"1113","message":"余额不足或无可用资源包,请充值。"}}])", "K201", "likely", {"Q603"}},
      {"Zhipu without a package, escaped", R"(status=429 body={"error":{"code":"1113","message":"\u4f59\u989d\u4e0d\u8db3\u6216\u65e0\u53ef\u7528\u8d44\u6e90\u5305"}})", "K201", "likely"},
      {"Kimi's refusal", R"([API Error: 401 {"error":{"message":"Invalid Authentication","type":"invalid_authentication_error"}}])", "K202", "likely", {"K203"}, at("https://api.moonshot.ai/v1")},
      {"Kimi's refusal in a log with its URL", "POST https://api.moonshot.cn/v1/chat/completions 401\n{\"error\":{\"message\":\"Invalid Authentication\"}}", "K202", "likely"},
      {"MiniMax's refusal", R"x([API Error: 401 {"type":"error","error":{"type":"authorized_error","message":"invalid api key (2049)"}}])x", "K202", "likely", {"K203"}, at("https://api.minimax.io/v1")},
      {"DeepSeek's refusal", R"([API Error: 401 Authentication Fails, Your api key: ****77f0 is invalid])", "K203", "", {}, at("https://api.deepseek.com")},
      {"Anthropic's refusal", R"([API Error: 401 {"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"},"request_id":"req_011CS"}])", "K203"},
      {"Gemini's refusal", R"([API Error: {"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}])", "K203", "certain"},
      {"a gateway that wants the other header", R"([API Error: 401 {"error":{"message":"x-api-key header is required"}}])", "K210", "likely", {}, at("https://gw.example/anthropic", "anthropic")},
      {"OpenRouter without a key", "[API Error: 401 No auth credentials found]", "E105", "likely", {"K205"}},
      {"OpenRouter without a key, older words", "401 No cookie auth credentials found", "E105", "likely", {"K205"}},
      {"OpenAI without a key", "Error code: 401 - {'error': {'message': \"You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).\"}}", "E105"},
      {"OpenRouter's unknown user", "[API Error: 401 User not found.]", "K203", "", {"E106"}, at("https://openrouter.ai/api/v1")},
      {"a bare 401 of Model Studio's", "AuthenticationError: 401 status code (no body)\n    at POST https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions", "K202", "likely", {"K201"}},
      {"a bare 401", "HTTP/1.1 401 Unauthorized", "K203", "possible"},
      {"a bare 401 of a library", "openai.AuthenticationError: Error code: 401", "K203", "likely"},
      // --- Characters of keys
      {"a curly quote in the key", "TypeError: Cannot convert argument to a ByteString because the character at index 7 has a value of 8220 which is greater than 255.", "K205", "certain"},
      {"a frame around the key", "[API Error: Cannot convert argument to a ByteString because the character at index 7 has a value of 9472 which is greater than 255.]", "K205", "certain"},
      {"a shortened key", "TypeError: Cannot convert argument to a ByteString because the character at index 14 has a value of 8230 which is greater than 255.", "K205", "certain", {"K206"}},
      {"a line break in the key", "TypeError [ERR_INVALID_CHAR]: Invalid character in header content [\"Authorization\"]", "K205", "certain"},
      {"Python's words for it", "UnicodeEncodeError: 'ascii' codec can't encode character '\\u201c' in position 7: ordinal not in range(128)", "K205"},
      // --- Money and quotas
      {"an unpaid account of Alibaba's", R"([API Error: 400 {"code":"Arrearage","message":"Access denied, please make sure your account is in good standing."}])", "Q603"},
      {"OpenRouter without credits", "[API Error: 402 Insufficient credits. This account never purchased credits.]", "Q603"},
      {"DeepSeek without balance", "Error code: 402 - {'error': {'message': 'Insufficient Balance', 'type': 'unknown_error'}}", "Q603"},
      {"OpenAI without quota", R"([API Error: 429 You exceeded your current quota, please check your plan and billing details. {"code":"insufficient_quota"}])", "Q603"},
      {"Model Studio's quota in the words of OpenAI", R"(429 {"error":{"message":"You exceeded your current quota, please check your plan and billing details. For details, see: https://help.aliyun.com/zh/model-studio/error-code#token-limit","code":"insufficient_quota"}})", "Q602"},
      {"a quota of nobody in particular", "[API Error: 429 You exceeded your current quota, please check your plan and billing details.]", "Q602", "possible", {"Q601", "Q603"}},
      {"a status before its request", "404 POST http://localhost:8000/chat/completions", "U301"},
      {"a status behind its request", "POST http://localhost:8000/chat/completions -> 404", "U301"},
      {"a plan's week", "[API Error: 429 week allocated quota exceeded]", "Q602"},
      {"a plan's hours", "Quota exhausted: hour allocated quota exceeded. Your quota will reset at 2026-05-01 12:00:00", "Q602"},
      {"Z.AI's week", R"(429 {"error":{"code":"1310","message":"Weekly/Monthly Limit Exhausted. Your limit will reset at 2026-05-01 08:00:00"}})", "Q602"},
      {"Gemini's day", R"([API Error: {"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details.","status":"RESOURCE_EXHAUSTED","details":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}}])", "Q602"},
      {"Alibaba's rate", R"([API Error: 429 {"code":"Throttling.RateQuota","message":"Requests rate limit exceeded, please try again later."}])", "Q601"},
      {"a rate with the time to wait", "HTTP/1.1 429 Too Many Requests\nretry-after: 12\ncontent-type: application/json\n\n{\"error\":{\"message\":\"Rate limit reached for requests\"}}", "Q601"},
      {"qwen's retries", "Retrying in 60s (attempt 1/10): 429 Rate limit exceeded\nPossible quota limitations in place or slow response times detected.", "Q601"},
      // --- Models
      {"a model that was not bought", R"([API Error: 403 {"code":"AccessDenied.Unpurchased","message":"Access to model denied. Please make sure you are eligible for using the model."}])", "M501"},
      {"OpenAI's unknown model", R"([API Error: 404 {"error":{"message":"The model `qwen3-codr` does not exist or you do not have access to it.","code":"model_not_found"}}])", "M501"},
      {"DeepSeek's unknown model", "[API Error: 400 Model Not Exist]", "M501"},
      {"Ollama's missing model", R"([API Error: 404 {"error":{"message":"model \"qwen3:8b\" not found, try pulling it first"}}])", "M501"},
      {"OpenRouter without tools", "[API Error: 404 No endpoints found that support tool use. To learn more about provider routing, visit: https://openrouter.ai/docs/provider-routing]", "M502", "certain"},
      {"Ollama without tools", R"([API Error: 400 registry.ollama.ai/library/gemma:2b does not support tools])", "M502", "certain"},
      {"vLLM without tools", R"(400 {"object":"error","message":"\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set"})", "M502", "certain"},
      {"a model that only streams", "[API Error: 400 This model only support stream mode, please enable the stream parameter to access the model.]", "M503"},
      {"thinking that is not streamed", R"(400 {"code":"InvalidParameter","message":"parameter.enable_thinking must be set to false for non-streaming calls"})", "M503"},
      {"Gemini's protocol for a Qwen model", R"([API Error: {"error":{"code":404,"message":"models/qwen3-coder-plus is not found for API version v1beta, or is not supported for generateContent.","status":"NOT_FOUND"}}])", "P401", "likely", {"E101", "M501"}},
      {"Gemini's retired model", R"([API Error: {"error":{"code":404,"message":"models/gemini-1.0-pro is not found for API version v1beta, or is not supported for generateContent.","status":"NOT_FOUND"}}])", "M501"},
      // --- Paths
      {"a base URL without a version", "[API Error: 404 Invalid URL (POST /chat/completions)]", "U301", "certain"},
      {"a base URL that is an endpoint", "[API Error: 404 Invalid URL (POST /v1/chat/completions/chat/completions)]", "U302", "certain"},
      {"Anthropic's version twice", "404 page not found\nPOST https://gw.example/v1/v1/messages", "U301", "certain"},
      {"Gemini's version twice", "POST http://127.0.0.1:8080/v1beta/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse 404 Not Found", "U301", "certain"},
      {"a blank behind the base URL", "NotFoundError: 404 Not Found: POST https://api.example.com/v1%20/chat/completions", "U304", "certain"},
      {"DashScope's native path", "404 status code (no body)\nurl: https://dashscope.aliyuncs.com/api/v1/chat/completions", "U303", "certain"},
      {"no body, and nothing else", "[API Error: 404 status code (no body)]", "U301", "likely", {"M501"}},
      {"no body, at Anthropic's address with a version", "[API Error: 404 status code (no body)]", "U301", "likely", {}, at("https://api.anthropic.com/v1", "anthropic")},
      {"no body, at a whole endpoint", "[API Error: 404 status code (no body)]", "U302", "likely", {}, at("https://api.example.com/v1/chat/completions")},
      {"a base URL that is none", "TypeError: Failed to parse URL from api.example.com/v1/chat/completions\n  [cause]: TypeError: Invalid URL\n  code: 'ERR_INVALID_URL'", "U304", "certain"},
      {"a proxy's colour around the status", "\x1b[31m[API Error: \x1b[1m404\x1b[0m Invalid URL (POST \x1b[4m/chat/completions\x1b[0m)]\x1b[0m", "U301", "certain"},
      // --- The network
      {"Ollama by localhost", "[API Error: Connection error. (cause: fetch failed)]\nTypeError: fetch failed\n    at node:internal/deps/undici/undici:13510:13\n  [cause]: Error: connect ECONNREFUSED ::1:11434\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16) {\n    errno: -111,\n    code: 'ECONNREFUSED',\n    syscall: 'connect',\n    address: '::1',\n    port: 11434\n  }", "U305", "likely"},
      {"Go and Ollama by localhost", "Post \"http://localhost:11434/v1/chat/completions\": dial tcp [::1]:11434: connect: connection refused", "U305", "likely", {"N704"}},
      {"Go and a name", "dial tcp: lookup api.exmaple.com on 127.0.0.53:53: no such host", "N704", "certain"},
      {"a 403 that may be a plan's", "403 invalid api-key", "K203", "", {"K201"}},
      {"a local server that does not run", "Error: connect ECONNREFUSED 127.0.0.1:1234", "N704", "certain", {}, at("http://127.0.0.1:1234/v1")},
      {"neither of both families", "AggregateError [ECONNREFUSED]:\n    Error: connect ECONNREFUSED ::1:11434\n    Error: connect ECONNREFUSED 127.0.0.1:11434", "N704", "certain"},
      {"a proxy that does not run", "TypeError: fetch failed\n  [cause]: Error: connect ECONNREFUSED 127.0.0.1:7890", "N703", "likely"},
      {"a proxy of another port that does not run", "Error: connect ECONNREFUSED 127.0.0.1:9090", "N703", "likely", {}, behind_proxy("https://api.z.ai/api/paas/v4")},
      {"a name that is not known", "[API Error: Connection error. (cause: getaddrinfo ENOTFOUND dashscope.aliyuncs.con)]", "N704", "certain"},
      {"curl and a name", "curl: (6) Could not resolve host: api.exmaple.com", "N704", "certain"},
      {"curl and a port", "curl: (7) Failed to connect to localhost port 11434 after 0 ms: Couldn't connect to server", "N704", "certain"},
      {"a time-out of the connection", "TypeError: fetch failed\n  [cause]: ConnectTimeoutError: Connect Timeout Error (attempted address: api.openai.com:443, timeout: 10000ms)\n  code: 'UND_ERR_CONNECT_TIMEOUT'", "N704", "certain"},
      {"a connection that ended", "[API Error: Connection error. (cause: read ECONNRESET)]", "N704", "likely", {"N703"}},
      {"only that it failed", "[API Error: Connection error. (cause: fetch failed)]", "N704", "likely"},
      {"a request that names where it went", "request to https://gateway.example/v1/chat/completions failed, reason: self-signed certificate in certificate chain", "N701", "certain"},
      {"curl, which explains TLS", "curl: (60) SSL certificate problem: self-signed certificate More details here: https://curl.se/docs/sslcerts.html", "N701", "certain"},
      {"a configured host that is not known", "Error: getaddrinfo ENOTFOUND llm.gitlab.com", "N704", "certain", {}, at("https://llm.gitlab.com/v1")},
      {"a slow model", "[API Error: Request timeout after 120s. Try reducing input length or increasing timeout in config.]", "M504", "likely", {"N704"}},
      {"TLS that is opened", "TypeError: fetch failed\n  [cause]: Error: self-signed certificate in certificate chain\n    at TLSSocket.onConnectSecure (node:_tls_wrap:1679:34)\n    code: 'SELF_SIGNED_CERT_IN_CHAIN'", "N701", "certain"},
      {"an unknown authority", "unable to get local issuer certificate; if the root CA is installed locally, try running Node.js with --use-system-ca", "N701", "certain"},
      {"curl and TLS", "curl: (60) SSL certificate problem: unable to get local issuer certificate", "N701", "certain"},
      {"checks that are off", "(node:4711) Warning: Setting the NODE_TLS_REJECT_UNAUTHORIZED environment variable to '0' makes TLS connections and HTTPS requests insecure by disabling certificate verification.", "N702", "certain"},
      {"a proxy that wants a password", "HTTP/1.1 407 Proxy Authentication Required\nProxy-Authenticate: Basic realm=\"corp\"", "N703", "certain"},
      {"curl and a proxy", "curl: (56) CONNECT tunnel failed, response 407", "N703", "certain"},
      {"undici and a proxy", "RequestAbortedError [AbortError]: Proxy response (407) !== 200 when HTTP Tunneling", "N703", "certain"},
      {"a portal's page", "[API Error: Streaming request received a non-SSE response (HTTP 200, Content-Type: text/html; charset=utf-8).] <html><title>Sign in to Guest WiFi</title>", "N703", "likely", {"N704"}},
      {"a page instead of JSON", "SyntaxError: Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON", "N703", "likely"},
      {"Go and a page", "Error: invalid character '<' looking for beginning of value", "N703", "likely"},
      {"a stream that ended", "[API Error: Model stream ended without a finish reason.]", "N704", "likely"},
      {"https to a plain server", "write EPROTO 139:error:0A00010B:SSL routines:ssl3_get_record:wrong version number", "U304", "likely"},
      // --- Qwen Code's own words
      {"no key", "Missing API key for OpenAI-compatible auth. Set the 'DASHSCOPE_API_KEY' environment variable.", "E105", "certain"},
      {"no key at all", "Missing API key for OpenAI-compatible auth. Set settings.security.auth.apiKey, or set the 'OPENAI_API_KEY' environment variable.", "E105", "certain"},
      {"no key for Gemini", "GEMINI_API_KEY environment variable not found. Please set it in your .env file or environment variables.", "E105", "certain"},
      {"no credentials", "Missing credentials for modelProviders model 'm1'. Current configured envKey: 'ZDOTDIR'. Set that environment variable, or update modelProviders.openai[].envKey.", "E105", "certain"},
      {"a key for a name", "Missing API key for OpenAI-compatible auth. Set the 'sk-good-123456789' environment variable.", "K209", "certain"},
      {"another key for a name", "Missing API key for OpenAI-compatible auth. Set the '9f8e7d6c5b4a39281706f5e4d3c2b1a0.QwErTyUiOp' environment variable.", "K209", "certain"},
      {"no type", "No auth type is selected. Please configure an auth type (e.g. via settings or `--auth-type`) before running in non-interactive mode.", "P401", "certain"},
      {"an unknown type", "TypeError: Cannot read properties of undefined (reading 'model')", "P401", "likely"},
      {"the end of Qwen OAuth", "Qwen OAuth free tier was discontinued on 2026-04-15. Run /auth to switch to Coding Plan or another provider.", "P401", "certain"},
      {"an enforced type", "The configured auth type is anthropic, but the current auth type is openai. Please re-authenticate with the correct type.", "P406", "certain", {}},
      {"an unknown provider, and what comes of it",
       "Warning: modelProviders provider \"openrouter\" is not a built-in protocol (openai, qwen-oauth, gemini, vertex-ai, anthropic) and has no providerProtocol mapping; its 1 model(s) are ignored. Add providerProtocol[\"openrouter\"] (e.g. \"openai\") to enable them.\nMissing API key for OpenAI-compatible auth. Set settings.security.auth.apiKey, or set the 'OPENAI_API_KEY' environment variable.",
       "P402", "certain"},
      {"a mapping to nothing", "Warning: providerProtocol[\"mygw\"] = \"soap\" is not a known protocol (expected one of: openai, qwen-oauth, gemini, vertex-ai, anthropic); its 1 model(s) are ignored.", "P402", "certain"},
      {"an entry without id", "Error: Model config in authType 'openai' missing required field: id", "P408", "certain"},
      {"an entry that is null", "Cannot read properties of null (reading 'wireApi')", "P408", "certain"},
      {"an unknown wire API", "Invalid wireApi \"nope\" for provider \"openai\". Expected \"chat-completions\" or \"responses\".", "P408", "certain"},
      {"an entry without base URL", "Anthropic provider missing required baseUrl in modelProviders[].baseUrl.", "P408", "certain"},
      {"a base URL that went away", "Persisted model.baseUrl 'https://gone.example/v1' no longer matches any provider for model 'same' (authType 'openai'); using the first id match ('https://a.example/v1'). Re-select the model to update it.", "P403", "certain"},
      {"settings with a comma", "An unexpected critical error occurred:\nError: Cannot read operator sandbox policy from /home/u/.qwen/settings.json: SyntaxError: Expected double-quoted property name in JSON at position 193 (line 1 column 194). A copy was saved to /home/u/.qwen/settings.json.corrupted", "F801", "certain"},
      {"settings that are no object", "Error in /home/u/.qwen/settings.json: Settings file is not a valid JSON object.\nPlease fix the configuration file(s) and try again.", "F801", "certain"},
      {"settings with a byte order mark", "SyntaxError: Unexpected token '\xEF\xBB\xBF', \"\xEF\xBB\xBF{ \"env\": \"... is not valid JSON while reading C:\\Users\\u\\.qwen\\settings.json", "F801", "certain"},
      {"settings of somebody else", "Error: EACCES: permission denied, open '/home/u/.qwen/settings.json'", "F803", "likely", {"F804"}},
      {"settings that cannot be written", "Error: EROFS: read-only file system, rename '/home/u/.qwen/settings.json.tmp'", "F803", "certain"},
      {"the Coding Plan's check of a key", "Invalid API key. Coding Plan API keys start with \"sk-sp-\". Please check.", "K201", "certain"},
      // --- Gateways and vendors, as people paste them
      {"a gateway without the model, in Chinese", "[API Error: 503 分组 default 下模型 glm-5 无可用渠道（distributor） (request id: 20260211)]", "M501", "likely"},
      {"the log of a gateway without the model", "[ERROR] 2025/03/30 - 03:20:02 | 202503300320025989500747632568 | middleware/utils.go:20 [abortWithMessage] 当前分组 svip 下对于模型 glm-5 无可用渠道\n[GIN] 2025/03/30 - 03:20:02 | 2025033 | 503 |    1.786116ms | 113.117.248.131 |    POST /v1/chat/completions", "M501", "likely"},
      {"a gateway that asks for more than is left", "OpenAI API error: 403 预扣费额度失败, 用户剩余额度: ＄0.021000, 需要预扣费额度: ＄0.120000", "Q603", "likely"},
      {"a panel's refusal", "Internal error: 401 invalid access token or token expired", "K201", "likely"},
      {"MiniMax's own form", "{'base_resp': {'status_code': 2049, 'status_msg': 'invalid api key'}}", "K203", "certain"},
      {"Azure and the header", "[API Error: 401 Unauthorized. Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), or have expired.]", "K210", "likely"},
      {"Azure without the deployment", "NotFoundError: 404 The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.", "M501", "likely"},
      {"a gateway's budget", "[API Error: 400 Budget has been exceeded! Current cost: 76.16, Max budget: 10.0]", "Q603", "likely"},
      {"a gateway's key for other models", "Error code: 401 - {'error': {'message': \"key not allowed to access model. This key can only access models=['gpt-4o']. Tried to access glm-5\", 'type': 'key_model_access_denied', 'param': 'model', 'code': '401'}}", "M501", "likely"},
      {"Kimi with too many requests of everybody", "LLM provider error: Error code: 429 - {'error': {'message': 'The engine is currently overloaded, please try again later', 'type': 'engine_overloaded_error'}}", "Q601", "likely"},
      {"Kimi's tokens of a day", "[API Error: 429 Your account org-x request reached organization TPD rate limit, current: 1505241, limit: 1500000]", "Q602", "likely"},
      {"what is free is used up", "429 Free allocated quota exceeded.", "Q602", "likely"},
      {"a firewall before the provider", "[API Error: 403 <!DOCTYPE html><html lang=\"en-US\"><head><title>Just a moment...</title><meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\">]", "N703", "likely"},
      {"ModelScope without the model", "BadRequestError: Error code: 400 - {'errors': {'message': 'Model id: Qwen/Qwen3-Foo , has no provider supported'}, 'request_id': 'x'}", "M501", "likely"},
      {"a leaked key of Google's", "{\"error\":{\"message\":\"{\\n  \\\"error\\\": {\\n    \\\"code\\\": 403,\\n    \\\"message\\\": \\\"Your API key was reported as leaked. Please use another API key.\\\",\\n    \\\"status\\\": \\\"PERMISSION_DENIED\\\"\\n  }\\n}\\n\",\"code\":403,\"status\":\"Forbidden\"}}", "K203", "likely"},
      {"Zhipu without a key", "{\"error\":{\"code\":\"1001\",\"message\":\"Header中未收到Authorization参数，无法进行身份验证。\"}}", "E105", "likely"},
      {"Zhipu and concurrency", "AI_APICallError: 429 {\"error\":{\"code\":\"1302\",\"message\":\"您当前使用该API的并发数过高，请降低并发，或联系客服增加限额。\"}}", "Q601", "likely"},
      {"vLLM's refusal, by curl", "$ curl -s http://10.0.0.5:8000/v1/chat/completions -H 'Authorization: Bearer token-abc123' -d @r.json -w '%{http_code}'\n{\"error\":\"Unauthorized\"}401", "K203", "likely"},
      {"LM Studio without a model", "[API Error: 404 No models loaded. Please load a model in the developer page or use the `lms load` command.]", "M501", "likely"},
      {"Ollama's own words", "[API Error: 404 model 'qwen3-coder:30b' not found]", "M501", "likely"},
      {"a web site that takes no POST", "[API Error: 405 <html>\n<head><title>405 Not Allowed</title></head>\n<body>\n<center><h1>405 Not Allowed</h1></center>\n<hr><center>nginx/1.24.0</center>\n</body>]", "U301", "likely"},
      {"a suspended account", "[API Error: 412 Account jane-123 is suspended, possibly due to reaching the monthly spending limit or failure to pay past invoices.]", "Q603", "likely"},
      {"a balance that is insufficient", "[API Error: 403 Sorry, your account balance is insufficient]", "Q603", "likely"},
      {"a plan that was not subscribed to", "[API Error: 403 {\"error\":{\"code\":\"invalid_subscription\",\"message\":\"Your coding plan subscription is invalid or has expired.\"}}]", "K201", "likely"},
      {"somebody who tells what came", "Hi, I bought the plan yesterday and I keep getting 401 Incorrect API key provided whenever I send a prompt in qwen. Base URL is https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "K202", "likely"},
      {"a gateway's log of a refusal", "[GIN] 2026/11/20 - 10:00:00 | 401 |  1.2ms | 10.0.0.1 | POST \"/v1/chat/completions\"", "K203", "likely"},
      {"a log that says when", "ERROR When calling https://api.siliconflow.cn/v1/chat/completions: status 401, body \"Invalid token\"", "K202", "likely"},
      {"a report in Russian", "Выдаёт ошибку: 401 invalid access token or token expired. Что делать?", "K201", "likely"},
      {"httpx and a balance", "httpx.HTTPStatusError: Client error '402 Payment Required' for url 'https://api.deepseek.com/chat/completions'", "Q603", "likely"},
      // --- Logs
      {"a log with times and levels",
       "2026-05-01T10:22:31.123Z INFO  starting qwen 0.24.4\n2026-05-01T10:22:32.001Z INFO  model qwen3-coder-plus\n2026-05-01T10:22:33.870Z ERROR request failed: 401 Incorrect API key provided. For details, see: https://help.aliyun.com/zh/model-studio/error-code#apikey-error\n2026-05-01T10:22:33.871Z INFO  exit 1",
       "K202", "likely"},
      {"a body over several lines", "{\n  \"error\": {\n    \"code\": 429,\n    \"message\": \"Resource has been exhausted (e.g. check quota).\",\n    \"status\": \"RESOURCE_EXHAUSTED\"\n  }\n}", "Q601"},
      {"a frame that broke the line", "\u2502 [API Error: 401 invalid access token or  \u2502\n\u2502 token expired]                           \u2502", "K201"},
      {"curl, with its headers",
       "* Connected to openrouter.ai (104.18.2.115) port 443\n> POST /api/v1/chat/completions HTTP/2\n> Host: openrouter.ai\n> authorization: Bearer sk-or-v1-0123456789abcdef\n< HTTP/2 401\n< content-type: application/json\n{\"error\":{\"message\":\"User not found.\",\"code\":401}}",
       "K203"},
      {"Python's library", "openai.NotFoundError: Error code: 404 - {'error': {'message': 'The model `gpt-5-codx` does not exist or you do not have access to it.', 'type': 'invalid_request_error', 'param': None, 'code': 'model_not_found'}}", "M501"},
  };
  return cases;
}

const std::vector<HarmlessText>& harmless_texts() {
  static const std::vector<HarmlessText> texts = {
      {"nothing", ""},
      {"blanks", "  \n\t\n"},
      {"a greeting", "hello, is anybody there?"},
      {"an answer of a model", "Hi! How can I help you today?"},
      {"an answer that succeeded", R"({"id":"chatcmpl-1","object":"chat.completion","model":"qwen3-coder-plus","choices":[{"index":0,"message":{"role":"assistant","content":"A 401 means: Incorrect API key provided. A 429 means too many requests."},"finish_reason":"stop"}],"usage":{"total_tokens":12}})"},
      {"a stream that succeeded", "data: {\"choices\":[{\"delta\":{\"content\":\"401 Unauthorized\"}}]}\n\ndata: [DONE]\n"},
      {"a log of a web server", "127.0.0.1 - - [01/May/2026:10:00:00 +0000] \"GET /favicon.ico HTTP/1.1\" 404 153 \"-\" \"Mozilla/5.0\"\n127.0.0.1 - - [01/May/2026:10:00:01 +0000] \"POST /login HTTP/1.1\" 401 99\n127.0.0.1 - - [01/May/2026:10:00:02 +0000] \"GET / HTTP/1.1\" 200 4711"},
      {"npm without a package", "npm ERR! code E404\nnpm ERR! 404 Not Found - GET https://registry.npmjs.org/no-such-package - Not found"},
      {"apt", "Err:4 http://deb.debian.org/debian bookworm/main amd64 Packages\n  404  Not Found [IP: 199.232.0.0 80]"},
      {"git", "fatal: unable to access 'https://github.com/u/r.git/': The requested URL returned error: 403"},
      {"tests that passed", "[doctest] test cases: 404 | 404 passed | 0 failed\nran 429 assertions in 401 ms"},
      {"numbers", "took 401 ms, 429 tokens, port 4040, build 404, line 1113, pid 40429, 1741113600000"},
      {"source code of a client",
       "export async function ask(key: string) {\n  const answer = await fetch(url, { headers: { Authorization: `Bearer ${key}` } });\n  if (answer.status === 401) throw new Error('Incorrect API key provided');\n  if (answer.status === 429) {\n    throw new RateLimitError('Too many requests');\n  }\n  return answer.json();\n}"},
      {"source code in Python",
       "def check(response):\n    if response.status_code == 401:\n        raise ValueError(\"Invalid API key\")\n    if response.status_code == 404:\n        raise KeyError(\"model not found\")\n    return response.json()"},
      {"source code of a server", "  switch (status) {\n    case 401: return \"Unauthorized\";\n    case 404: return \"Not Found\";\n    case 429: return \"Too Many Requests\";\n  }"},
      {"source code in C++", "#include <string>\n// 401: the key was refused\nconstexpr int unauthorized = 401;\nif (status == 404) return fail(\"model not found\");"},
      {"a log of a start", "2026-05-01T10:22:31Z INFO qwen 0.24.4 on Node v22.1.0\n2026-05-01T10:22:31Z INFO settings read from /home/u/.qwen/settings.json\n2026-05-01T10:22:32Z INFO POST https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions 200 OK 812ms"},
      {"a log of a daemon", "listening on /run/user/1000/qwen-authd/daemon.sock\nsettings.changed by self\nstopped"},
      {"settings", "{\n  \"env\": {\"DASHSCOPE_API_KEY\": \"sk-0123456789abcdef0123\"},\n  \"modelProviders\": {\"openai\": [{\"id\": \"qwen3-coder-plus\", \"baseUrl\": \"https://dashscope.aliyuncs.com/compatible-mode/v1\", \"envKey\": \"DASHSCOPE_API_KEY\"}]},\n  \"security\": {\"auth\": {\"selectedType\": \"openai\"}}\n}"},
      {"what qwen-authctl says of a good set-up", "\u2713 Custom API Key authenticated successfully. Settings updated with generated env key and model provider config.\nTip: Use /model to switch between configured models."},
      {"a page", "<!doctype html>\n<html><head><title>Welcome</title></head><body><p>Hello</p></body></html>"},
      {"a stack of another program", "Traceback (most recent call last):\n  File \"a.py\", line 404, in <module>\n    main()\nZeroDivisionError: division by zero"},
      {"curl that succeeded", "* Connected to api.openai.com (162.159.140.245) port 443\n> GET /v1/models HTTP/2\n< HTTP/2 200\n< content-type: application/json\n{\"object\":\"list\",\"data\":[{\"id\":\"gpt-4o\"}]}"},
      {"a log of an answer with limits", "2026-05-01 10:00:00 POST https://api.z.ai/api/paas/v4/chat/completions -> 200 (1.2s) rate limit remaining: 499/500, quota: 12% used"},
      {"headers of an answer", "HTTP/2 200\nx-ratelimit-limit-requests: 500\nx-ratelimit-remaining-requests: 499\nretry-after: 0\ncontent-type: text/event-stream"},
      {"a doctor that finds nothing", "auth: pass (API key accepted by https://dashscope.aliyuncs.com)\nmodel: pass\nquota: 88% left, resets at 2026-12-01"},
      {"an answer about errors", "{\"id\":\"chatcmpl-9\",\"choices\":[{\"message\":{\"content\":\"If you see invalid api key, rotate it.\"}}],\"usage\":{\"total_tokens\":429}}"},
      {"metrics without errors", "http_requests_total{code=\"401\"} 0\nhttp_requests_total{code=\"429\"} 0\nhttp_requests_total{code=\"200\"} 1532"},
      {"a style sheet", "  .error-401 { color: red; } /* unauthorized */\n  .error-429 { color: orange; }"},
      {"a table of texts in Python", "ERRORS = {\n    401: \"Incorrect API key provided\",\n    402: \"Insufficient balance\",\n    429: \"Rate limit reached\",\n}\nraise AuthenticationError(ERRORS[401])"},
      {"tests of a client that pass", "tests/test_auth.py::test_invalid_api_key PASSED\ntests/test_auth.py::test_rate_limit_exceeded PASSED\ntests/test_models.py::test_model_not_found PASSED\n3 passed in 0.42s"},
      {"errors of a Go package", "\tErrInvalidKey = errors.New(\"invalid api key\")\n\tErrNoModel    = errors.New(\"model not found\")\n\tif resp.StatusCode == http.StatusUnauthorized { return ErrInvalidKey }"},
      {"a change of texts", "diff --git a/src/auth.ts b/src/auth.ts\n@@ -10,3 +10,3 @@\n-  message: 'Invalid API key',\n+  message: 'Incorrect API key provided',"},
      {"texts for people", "{\n  \"auth.invalidKey\": \"Invalid API key\",\n  \"auth.noCredits\": \"Insufficient balance\",\n  \"model.missing\": \"Model not found\"\n}"},
      {"a log of changes", "## 0.15.7\n- fix: show \"Invalid API key\" instead of a stack trace on 401\n- feat(auth): retry on 429 rate limit exceeded\n- docs: explain model_not_found"},
      {"PostgreSQL that does not run", "Error: connect ECONNREFUSED 127.0.0.1:5432\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)\n  { code: 'ECONNREFUSED', port: 5432 }"},
      {"MongoDB that does not run", "MongoServerSelectionError: connect ECONNREFUSED 127.0.0.1:27017"},
      {"a registry that is not known", "Error: getaddrinfo ENOTFOUND registry.npmjs.org"},
      {"git and a name", "fatal: unable to access 'https://github.com/acme/app.git/': Could not resolve host: github.com"},
      {"git and TLS", "fatal: unable to access 'https://github.com/acme/app.git/': SSL certificate problem: unable to get local issuer certificate"},
      {"npm and TLS", "npm error code SELF_SIGNED_CERT_IN_CHAIN\nnpm error request to https://registry.npmjs.org/react failed, reason: self-signed certificate in certificate chain"},
      {"pip and TLS", "pip: Could not fetch URL https://pypi.org/simple/foo/: There was a problem confirming the ssl certificate: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"},
      {"a cluster and TLS", "kubectl: Get \"https://10.96.0.1:443/api/v1/nodes\": x509: certificate signed by unknown authority"},
      {"a web page's own request", "Sentry: TypeError: fetch failed at https://app.acme.example/static/js/main.404.js:429:401"},
      {"a list of things to do", "- renew the API key in May\n- ask for a higher rate limit\n- read the billing page"},
  };
  return texts;
}

}  // namespace authd::core
