#include "settle/failure_notice.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/result.h"
#include "mail/notice.h"
#include "schedule/route.h"

namespace mailchute {

namespace {

/// What is shown of the original: enough for every header a person looks at, and a notice that passes
/// everywhere.
constexpr std::size_t kHeaderShownBytes = 16 * 1024;

const ParcelRecipient& recipient_of(const Parcel& parcel, const RecipientSettlement& end) {
  const auto found = std::find_if(parcel.recipients.begin(), parcel.recipients.end(),
                                  [&](const ParcelRecipient& recipient) { return recipient.row == end.row; });
  CHECK(found != parcel.recipients.end());
  return *found;
}

std::string host_of(const std::string& upstream, const SettleOptions& options) {
  const auto found = options.hosts.find(upstream);
  return found == options.hosts.end() ? std::string() : found->second;
}

NoticeRecipient told(const Parcel& parcel, const RecipientSettlement& end, const SettleOptions& options) {
  NoticeRecipient recipient;
  recipient.recipient = recipient_of(parcel, end).recipient;
  recipient.action = NoticeRecipient::Action::Failed;
  recipient.reply = end.reply;
  recipient.stage = end.stage;
  if (end.reply.code != 0) recipient.upstream_host = host_of(parcel.upstream, options);
  recipient.in_doubt = end.in_doubt;
  return recipient;
}

NewMessage as_message(const NoticeFacts& facts, std::size_t bytes, const SettleOptions& options) {
  NewMessage message;
  message.id = facts.notice_id;
  Recipient to;
  to.mailbox = facts.to;
  to.notify.never = true;
  message.smtputf8 = facts.to.needs_utf8();
  message.recipients.push_back({to, choose_route(options.routes, std::nullopt, facts.to)});
  message.bytes = bytes;
  message.source.kind = "notice";
  message.summary.subject = "Delivery failed: " + facts.original_subject;
  message.summary.automatic = true;
  message.received = facts.now;
  message.expires = facts.now + options.lifetime;
  message.notice = true;
  return message;
}

}  // namespace

OwnMessage failure_notice(const Parcel& parcel, const std::vector<RecipientSettlement>& failed, GivenUp why,
                          std::string original_header, MessageId notice_id, WallTime now,
                          const SettleOptions& options) {
  CHECK(parcel.sender && !failed.empty());
  NoticeFacts facts;
  facts.notice_id = notice_id;
  facts.id = parcel.id;
  facts.reporting_mta = options.hostname;
  facts.mail_domain = options.mail_domain;
  facts.to = parcel.sender->completed(options.mail_domain);
  for (const RecipientSettlement& end : failed) facts.recipients.push_back(told(parcel, end, options));
  facts.envelope_id = parcel.envelope_id;
  facts.arrived = parcel.received;
  facts.now = now;
  facts.expired = why == GivenUp::Expired;
  facts.original_header = std::move(original_header);
  facts.original_subject = parcel.summary.subject;
  std::string content = write_notice(facts);
  NewMessage message = as_message(facts, content.size(), options);
  return {std::move(message), std::move(content)};
}

std::string header_section(std::string_view content) {
  if (content.starts_with("\r\n")) return {};
  std::string_view header = content.substr(0, std::min(content.find("\r\n\r\n"), content.size()));
  if (header.size() < content.size()) header = content.substr(0, header.size() + 2);
  if (header.size() <= kHeaderShownBytes) return std::string(header);
  const std::size_t line_end = header.rfind("\r\n", kHeaderShownBytes - 2);
  return line_end == std::string_view::npos ? std::string() : std::string(header.substr(0, line_end + 2));
}

SettleOptions SettleOptions::from(const Settings& settings) {
  SettleOptions options;
  options.rules = {settings.retry, uncertain_policy(settings.uncertain)};
  options.routes = settings.routes;
  options.hostname = settings.hostname;
  options.mail_domain = settings.mail_domain;
  options.lifetime = settings.queue.lifetime;
  for (const UpstreamSettings& upstream : settings.upstreams) {
    options.hosts[upstream.name] = upstream.host;
    if (upstream.rate || !upstream.quota.empty()) options.limited.insert(upstream.name);
  }
  return options;
}

}  // namespace mailchute
