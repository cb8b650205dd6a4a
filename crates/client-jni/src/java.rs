//! Java's classes and methods that are called from here, found once.

use std::ffi::c_void;
use std::sync::OnceLock;

use jni::errors::Result;
use jni::ids::{JMethodID, JStaticMethodID};
use jni::objects::{JClass, JObject};
use jni::refs::Global;
use jni::signature::{MethodSignature, Primitive, ReturnType};
use jni::strings::JNIStr;
use jni::sys::{JNI_ERR, JNI_VERSION_1_6, jint, jlong};
use jni::{Env, JValue, JavaVM, jni_sig, jni_str};

static JAVA: OnceLock<Java> = OnceLock::new();

/// What is called. The references to classes keep them, and the identifiers below valid, as long as the process lives.
pub(crate) struct Java {
    native: Global<JClass<'static>>,
    on_event: JStaticMethodID,
    on_reply: JStaticMethodID,
    on_token_needed: JStaticMethodID,
    on_closed: JStaticMethodID,
    pub(crate) event: Maker,
    pub(crate) invitation: Maker,
    pub(crate) trouble: Maker,
    pub(crate) reply: Maker,
    pub(crate) exception: Maker,
}

/// A class and its constructor.
pub(crate) struct Maker {
    class: Global<JClass<'static>>,
    constructor: JMethodID,
}

/// The JVM calls this when the library is loaded. Classes are found here, where the app's own class loader is asked; on the library's
/// threads it would be another.
#[unsafe(no_mangle)]
extern "system" fn JNI_OnLoad(vm: *mut jni::sys::JavaVM, _reserved: *mut c_void) -> jint {
    // SAFETY: the JVM gives itself.
    let vm = unsafe { JavaVM::from_raw(vm) };
    match vm.attach_current_thread(Java::find) {
        Ok(found) => {
            JAVA.get_or_init(|| found);
            JNI_VERSION_1_6
        }
        Err(_) => JNI_ERR,
    }
}

/// What `JNI_OnLoad` found.
pub(crate) fn java() -> Option<&'static Java> {
    JAVA.get()
}

impl Java {
    fn find(env: &mut Env<'_>) -> Result<Self> {
        let class = env.find_class(jni_str!("dev/wigwag/internal/Native"))?;
        let native = env.new_global_ref(&class)?;
        let mut method = |name: &JNIStr, signature: MethodSignature<'_, '_>| {
            env.get_static_method_id(&class, name, signature)
        };
        Ok(Self {
            on_event: method(jni_str!("onEvent"), jni_sig!("(IJLdev/wigwag/Event;)V"))?,
            on_reply: method(jni_str!("onReply"), jni_sig!("(IJLdev/wigwag/Reply;)V"))?,
            on_token_needed: method(jni_str!("onTokenNeeded"), jni_sig!("(IJ)V"))?,
            on_closed: method(jni_str!("onClosed"), jni_sig!("(I)V"))?,
            native,
            event: Maker::find(
                env,
                jni_str!("dev/wigwag/Event"),
                jni_sig!("(II[BJJLdev/wigwag/Invitation;Ldev/wigwag/Trouble;[B[B)V"),
            )?,
            invitation: Maker::find(env, jni_str!("dev/wigwag/Invitation"), jni_sig!("([B[B[B[[B[BIIJI)V"))?,
            trouble: Maker::find(env, jni_str!("dev/wigwag/Trouble"), jni_sig!("(IZJ[B[B)V"))?,
            reply: Maker::find(env, jni_str!("dev/wigwag/Reply"), jni_sig!("(ILdev/wigwag/Trouble;[B)V"))?,
            exception: Maker::find(env, jni_str!("dev/wigwag/WigwagException"), jni_sig!("(I[B)V"))?,
        })
    }

    pub(crate) fn on_event(
        &self,
        env: &mut Env<'_>,
        user: jint,
        call: jlong,
        event: &JObject<'_>,
    ) -> Result<()> {
        self.call(env, self.on_event, &[user.into(), call.into(), event.into()])
    }

    pub(crate) fn on_reply(
        &self,
        env: &mut Env<'_>,
        request: jint,
        call: jlong,
        reply: &JObject<'_>,
    ) -> Result<()> {
        self.call(env, self.on_reply, &[request.into(), call.into(), reply.into()])
    }

    pub(crate) fn on_token_needed(&self, env: &mut Env<'_>, user: jint, call: jlong) -> Result<()> {
        self.call(env, self.on_token_needed, &[user.into(), call.into()])
    }

    pub(crate) fn on_closed(&self, env: &mut Env<'_>, user: jint) -> Result<()> {
        self.call(env, self.on_closed, &[user.into()])
    }

    fn call(&self, env: &mut Env<'_>, method: JStaticMethodID, values: &[JValue<'_>]) -> Result<()> {
        let values: Vec<_> = values.iter().map(JValue::as_jni).collect();
        let gives = ReturnType::Primitive(Primitive::Void);
        // SAFETY: the method was found in this class by the signature that the callers above keep to.
        unsafe { env.call_static_method_unchecked(&self.native, method, gives, &values) }?;
        Ok(())
    }
}

impl Maker {
    fn find(env: &mut Env<'_>, name: &JNIStr, signature: MethodSignature<'_, '_>) -> Result<Self> {
        let class = env.find_class(name)?;
        let constructor = env.get_method_id(&class, jni_str!("<init>"), signature)?;
        Ok(Self { class: env.new_global_ref(class)?, constructor })
    }

    /// # Safety
    /// The values are of the types that the constructor was found by.
    pub(crate) unsafe fn make<'l>(&self, env: &mut Env<'l>, values: &[JValue<'_>]) -> Result<JObject<'l>> {
        let values: Vec<_> = values.iter().map(JValue::as_jni).collect();
        // SAFETY: the constructor was found in this class; its values are as the caller says.
        unsafe { env.new_object_unchecked(&self.class, self.constructor, &values) }
    }
}
