/**
 * Stands for the modules and plug-ins of Tencent's packages: what they add is in the chat.
 *
 * @packageDocumentation
 */

/** Nothing: the chat does not look at it. */
export default class ChatPart {}
