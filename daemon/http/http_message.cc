#include "daemon/http/http_message.h"

#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>
#include <utility>

#include "daemon/http/accept.h"
#include "daemon/http/problem.h"

namespace signinwatch::http {
namespace {

namespace beast = boost::beast;
using beast::http::field;

constexpr size_t kTargetBytesMax = 8 << 10;
constexpr size_t kHeaderBytesMax = 8 << 10;

// Percent signs that no two digits follow stay as they are.
std::string Decoded(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    const char* const digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      decoded += static_cast<char>(byte);
      i += 2;
    } else {
      decoded += text[i] == '+' && plus_is_space ? ' ' : text[i];
    }
  }
  return decoded;
}

// What stands twice, name and value, counts once.
std::multimap<std::string, std::string> ReadParameters(std::string_view query) {
  std::multimap<std::string, std::string> parameters;
  std::set<std::string_view> seen;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const std::string_view name = pair.substr(0, pair.find('='));
    if (name.empty() || !seen.insert(pair).second) continue;
    parameters.emplace(Decoded(name, true),
                       Decoded(pair.substr(std::min(name.size() + 1, pair.size())), true));
  }
  return parameters;
}

std::string_view Std(boost::beast::string_view text) { return {text.data(), text.size()}; }

// Empty: it can't be done.
std::string Gzip(const std::string& text) {
  z_stream stream{};
  constexpr int kGzipWindow = 15 + 16;
  if (::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
    return {};
  }
  std::string zipped(::deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(zipped.data());
  stream.avail_out = static_cast<uInt>(zipped.size());
  const bool whole = ::deflate(&stream, Z_FINISH) == Z_STREAM_END;
  zipped.resize(whole ? stream.total_out : 0);
  ::deflateEnd(&stream);
  return zipped;
}

bool IsWorthZipping(std::string_view type) {
  return type.starts_with("text/") || type.starts_with("application/") || type == "image/svg+xml";
}

}  // namespace

std::optional<HttpReply> FaultOf(const WireRequest& request) {
  if (request.target().size() > kTargetBytesMax) {
    return ProblemReply(414, kNoRequest);
  }
  const bool fits = std::all_of(request.begin(), request.end(), [](const auto& header) {
    return header.name_string().size() + header.value().size() <= kHeaderBytesMax;
  });
  if (fits && request.method() != beast::http::verb::unknown) return std::nullopt;
  return ProblemReply(400, kNoRequest);
}

HttpRequest PlainRequest(const WireRequest& request) {
  HttpRequest plain;
  plain.method = std::string(request.method_string());
  plain.needs_host = request.version() == 11;
  const std::string_view target = Std(request.target());
  const size_t query = std::min(target.find('?'), target.size());
  plain.path = Decoded(target.substr(0, query), false);
  plain.parameters = ReadParameters(target.substr(std::min(query + 1, target.size())));
  plain.accept = std::string(request[field::accept]);
  plain.origin = std::string(request[field::origin]);
  plain.referer = std::string(request[field::referer]);
  const auto [begin, end] = request.equal_range(field::host);
  for (auto at = begin; at != end; ++at) plain.hosts.emplace_back(at->value());
  return plain;
}

WireResponse WireReply(HttpReply reply, const config::WebConfig& config,
                       std::string_view accept_encoding) {
  WireResponse response(static_cast<beast::http::status>(reply.status), 11);
  response.keep_alive(false);
  // Pages need their own style sheet, script, image and data, and nothing else from anywhere.
  response.set("Content-Security-Policy",
               "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
               "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
  response.set("X-Content-Type-Options", "nosniff");
  response.set("X-Frame-Options", "DENY");
  // Nothing goes to other sites. Within this one a browser has to say which page a form is of,
  // which it does not with no-referrer.
  response.set("Referrer-Policy", "same-origin");
  response.set("Cross-Origin-Resource-Policy", "same-origin");
  response.set(field::accept_ranges, "none");
  response.set(field::content_type, reply.content_type);
  response.set(field::cache_control, reply.cacheable ? "no-cache" : "no-store");
  if (!reply.allow.empty()) response.set(field::allow, reply.allow);
  int retry_after_s = reply.retry_after_s;
  if (retry_after_s == 0 && (reply.status == 503 || reply.status == 429)) retry_after_s = 1;
  if (retry_after_s > 0) response.set(field::retry_after, std::to_string(retry_after_s));
  if (!reply.location.empty()) response.set(field::location, reply.location);
  if (reply.status == 401) {
    response.set(field::www_authenticate, "Basic realm=\"signinwatch\", charset=\"UTF-8\"");
  }
  for (const auto& [name, value] : config.headers) response.set(name, value);
  if (!reply.body.empty() && AcceptsGzip(accept_encoding) && IsWorthZipping(reply.content_type)) {
    if (std::string zipped = Gzip(reply.body); !zipped.empty()) {
      reply.body = std::move(zipped);
      response.set(field::content_encoding, "gzip");
    }
  }
  response.body() = std::move(reply.body);
  response.prepare_payload();
  return response;
}

HttpReply TurnedAwayReply() { return ProblemReply(503, "too many requests at a time"); }

}  // namespace signinwatch::http
