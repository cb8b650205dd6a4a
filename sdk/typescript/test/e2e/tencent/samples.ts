// The code samples of Tencent's page on signaling for the web, to the letter; the page is the second of the documents that
// this project was ordered by. Each says where it stands there.

/** A sample. */
export interface Sample {
  /** The page's section, and the lines of its text. */
  readonly place: string;
  readonly code: string;
}

export const invite: Sample = {
  place: "单聊邀请, 75–92",
  code: `// 邀请某个人, 设置 30s 超时, 设置离线消息推送
let promise = chat.invite({
userID: 'user1',
data: '',
timeout: 30, // 设置 30s 超时
offlinePushInfo: {
disablePush: false, // 如果接收方不在线,则进行离线推送
disableVoipPush: false, // 开启 voip 推送需要同时开启离线推送
title: '', // 离线推送标题
description: '', // 离线推送内容
androidOPPOChannelID: '' // 离线推送设置 OPPO 手机 8.0 系统及以上的渠道 ID
}
});
promise.then(function(imResponse) { // 发送邀请信令成功
console.warn('invite success:', imResponse)
}).catch(function(imError) {
console.warn('invite error:', imError);
});
`,
};

export const inviteInGroup: Sample = {
  place: "群聊邀请, 150–168",
  code: `// 邀请群内的某些人, 设置 30s 超时, 设置离线消息推送
let promise = chat.inviteInGroup({
groupID: 'AV1',
inviteeList: ['user1', 'user2'],
data: '',
timeout: 30, // 设置 30s 超时
offlinePushInfo: {
disablePush: false, // 如果接收方不在线,则进行离线推送
disableVoipPush: false, // 开启 voip 推送需要同时开启离线推送
title: '', // 离线推送标题
description: '', // 离线推送内容
androidOPPOChannelID: '' // 离线推送设置 OPPO 手机 8.0 系统及以上的渠道 ID
}
});
promise.then(function(imResponse) { // 发送邀请信令成功
console.warn('inviteInGroup success:', imResponse)
}).catch(function(imError) {
console.warn('inviteInGroup error:', imError);
});
`,
};

export const cancel: Sample = {
  place: "取消邀请, 189–198",
  code: `// 邀请发起者取消邀请
let promise = chat.cancel({
inviteID: '38897dbf-ecd4-4b59-a132-bc31529a2b18',
data: '',
})
promise.then(function(imResponse) { // 取消邀请成功
console.log('cancel OK', imResponse);
}).catch(function(error) {
console.warn('cancel failed:', error); // 取消邀请失败
});
`,
};

export const accept: Sample = {
  place: "接受邀请, 219–228",
  code: `// 被邀请人接受邀请
let promise = chat.accept({
inviteID: '38897dbf-ecd4-4b59-a132-bc31529a2b18',
data: '',
})
promise.then(function(imResponse) { // 被邀请人接受邀请成功
console.log('accept OK', imResponse);
}).catch(function(error) {
console.warn('accept failed:', error); // 被邀请人接受邀请失败
});
`,
};

export const reject: Sample = {
  place: "拒绝邀请, 249–258",
  code: `// 被邀请人拒绝邀请
let promise = chat.reject({
inviteID: '38897dbf-ecd4-4b59-a132-bc31529a2b18',
data: '',
})
promise.then(function(imResponse) { // 被邀请人拒绝邀请成功
console.log('reject OK', imResponse);
}).catch(function(error) {
console.warn('reject failed:', error); // 被邀请人拒绝邀请失败
});
`,
};
