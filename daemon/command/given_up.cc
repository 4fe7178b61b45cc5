#include "command/given_up.h"

#include "base/text.h"
#include "settle/decision.h"

namespace mailchute {

bool outlived(const SeenMessage& message) { return message.finished && *message.finished >= message.expires; }

bool nobody_asked(const SeenRecipient& recipient) {
  return recipient.state == "failed" && recipient.last_reply && recipient.last_reply->reply.code == 0 &&
         recipient.last_reply->reply.text == kNobodyAsked;
}

Phrase who_is_told(const SeenMessage& message) {
  if (message.notice)
    return said({"It was a notice itself, so nobody is told.", "它本身就是一封通知，因此不再通知任何人。"});
  if (message.sender.empty())
    return said({"It has no sender who could be told.", "它没有发件人，无法通知。"});
  if (message.summary.automatic)
    return said(
        {"A program sent it by itself, so nobody is told.", "它是程序自动发出的，因此不通知任何人。"});
  return said({"Nothing more is done; a notice goes to {}.", "不会再试；会有一封通知发给 {}。"},
              {printable(message.sender)});
}

Phrase how_to_send_again(const SeenMessage& message) {
  if (!message.has_content)
    return said({"Its content is no longer kept: who wants it sent again has to write it again.",
                 "它的内容已不再保留：要再发，只能由发件方重新发送。"});
  return said({"Its content is still kept: mailchute queue retry {} sends it again.",
               "它的内容还保留着：输入 mailchute queue retry {} 可以再发一次。"},
              {message.id.text()});
}

}  // namespace mailchute
